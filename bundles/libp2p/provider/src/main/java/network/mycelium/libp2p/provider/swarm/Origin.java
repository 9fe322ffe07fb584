package network.mycelium.libp2p.provider.swarm;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/// Where a socket comes from, as far as one party can be told from another: an IPv4 address; of IPv6 the
/// first 56 bits, for a site gets all that follow them. On the own machine and link nobody gives out
/// prefixes, so there it is the whole address.
///
/// @param loopback whether it is this machine
record Origin(long prefix, long rest, boolean loopback) {
    private static final long SITE = -1L << 8;

    static Origin of(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean loopback = address.isLoopbackAddress();
        if (address instanceof Inet4Address) {
            return new Origin(0, ByteBuffer.wrap(bytes).getInt(), loopback);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long high = in.getLong();
        boolean near = loopback || address.isLinkLocalAddress();
        return new Origin(near ? high : high & SITE, near ? in.getLong() : -1, loopback);
    }
}
