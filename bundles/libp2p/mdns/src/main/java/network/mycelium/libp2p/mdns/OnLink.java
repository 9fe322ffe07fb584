package network.mycelium.libp2p.mdns;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.util.List;

/// What can be reached over an interface without a router: the addresses of its own networks.
final class OnLink {
    private OnLink() {}

    static boolean test(NetworkInterface network, InetAddress address) {
        return test(network.getInterfaceAddresses(), address);
    }

    private static boolean test(List<InterfaceAddress> own, InetAddress address) {
        return own.stream().anyMatch(o -> covers(o.getAddress(), o.getNetworkPrefixLength(), address));
    }

    /// Whether the first bits of both are the same.
    static boolean covers(InetAddress network, int prefix, InetAddress address) {
        byte[] a = network.getAddress();
        byte[] b = address.getAddress();
        if (a.length != b.length || prefix > 8 * a.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            int mask = 0x80 >> bit % 8;
            if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
