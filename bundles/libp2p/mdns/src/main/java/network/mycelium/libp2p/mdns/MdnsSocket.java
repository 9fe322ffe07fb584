package network.mycelium.libp2p.mdns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.util.Arrays;

/// One interface's membership in the group of multicast DNS (RFC 6762). IPv4: its answers tell of IPv6 addresses too.
final class MdnsSocket implements AutoCloseable {
    private static final byte[] GROUP = {(byte) 224, 0, 0, (byte) 251};
    /// What stays on the link, by RFC 6762, 11.
    private static final int HOPS = 255;

    private final MulticastSocket socket;
    private final NetworkInterface network;
    private final InetSocketAddress group;

    MdnsSocket(NetworkInterface network, int port) throws IOException {
        this.network = network;
        this.group = new InetSocketAddress(InetAddress.getByAddress(GROUP), port);
        this.socket = new MulticastSocket(null);
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            socket.setNetworkInterface(network);
            socket.setTimeToLive(HOPS);
            // Several nodes on one machine hear each other by this.
            socket.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
            socket.joinGroup(group, network);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    NetworkInterface network() {
        return network;
    }

    void send(byte[] packet) throws IOException {
        socket.send(new DatagramPacket(packet, packet.length, group));
    }

    /// What came, and from where.
    record Received(InetAddress sender, byte[] packet) {}

    /// Waits for a packet from this link; what is too large comes cut. Others are dropped: a packet to this
    /// node alone may come over routers, from anybody (RFC 6762, 11).
    Received receive() throws IOException {
        var packet = new DatagramPacket(new byte[MdnsPacket.MAX_SIZE], MdnsPacket.MAX_SIZE);
        do {
            packet.setLength(MdnsPacket.MAX_SIZE);
            socket.receive(packet);
        } while (!OnLink.test(network, packet.getAddress()));
        return new Received(packet.getAddress(), Arrays.copyOf(packet.getData(), packet.getLength()));
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    @Override
    public void close() {
        socket.close();
    }
}
