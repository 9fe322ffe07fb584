package network.mycelium.libp2p.provider.swarm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;

/// What "all interfaces" means on this machine now.
final class Interfaces {
    private Interfaces() {}

    /// The addresses that an address such as `/ip4/0.0.0.0/tcp/4001` stands for; others stand for themselves.
    static List<Multiaddr> expand(Multiaddr address) {
        String ip = address.parts().getFirst().value();
        if (!ip.equals("0.0.0.0") && !ip.equals("::")) {
            return List.of(address);
        }
        int port = Integer.parseInt(address.value(Protocol.TCP).orElseThrow());
        boolean both = ip.equals("::");
        List<Multiaddr> expanded = new ArrayList<>();
        try {
            for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
                if (!network.isUp()) {
                    continue;
                }
                for (InetAddress found : network.inetAddresses().toList()) {
                    boolean fits = both || found.getAddress().length == 4;
                    if (fits && !found.isLinkLocalAddress()) {
                        expanded.add(Multiaddr.tcp(new InetSocketAddress(found, port)));
                    }
                }
            }
        } catch (SocketException e) {
            System.getLogger(Interfaces.class.getName())
                    .log(System.Logger.Level.WARNING, "the network interfaces cannot be listed", e);
        }
        return expanded;
    }
}
