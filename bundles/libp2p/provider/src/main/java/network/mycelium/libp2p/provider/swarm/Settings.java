package network.mycelium.libp2p.provider.swarm;

import java.time.Duration;
import java.util.List;
import network.mycelium.libp2p.provider.channel.NoiseWire;
import network.mycelium.libp2p.provider.channel.TlsWire;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.yamux.YamuxConfig;

/// What can be set of a swarm.
///
/// @param maxInbound connections that peers dialled; fewer than those of the system, so that own dials have room
/// @param maxOfAddress sockets that one address opened to this node, whatever came of them
/// @param maxOfLoopback the same for one address of this machine
/// @param lowWater connections that trimming leaves
/// @param highWater connections from which on trimming begins
/// @param securities protocols that encrypt, best first
/// @param agent what identify tells
public record Settings(
        Limits system,
        Limits transients,
        Limits perPeer,
        int maxInbound,
        int maxOfAddress,
        int maxOfLoopback,
        YamuxConfig yamux,
        int lowWater,
        int highWater,
        Duration grace,
        Duration handshake,
        Duration dial,
        Duration heartbeat,
        Duration drain,
        List<String> securities,
        String agent) {
    public static final Settings DEFAULT = new Settings(
            new Limits(256, 8192, 128L << 20),
            new Limits(64, 256, 16L << 20),
            new Limits(8, 1024, 64L << 20),
            224,
            32,
            Integer.MAX_VALUE,
            YamuxConfig.DEFAULT,
            96,
            192,
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            List.of(NoiseWire.PROTOCOL, TlsWire.PROTOCOL),
            "mycelium/0.1.0");

    /// As many may come in as there may be in all.
    public Settings with(Limits system, Limits perPeer, int lowWater, int highWater) {
        return with(
                system,
                perPeer,
                system.connections(),
                maxOfAddress,
                maxOfLoopback,
                lowWater,
                highWater,
                handshake,
                securities);
    }

    public Settings withSecurities(String... names) {
        return with(
                system,
                perPeer,
                maxInbound,
                maxOfAddress,
                maxOfLoopback,
                lowWater,
                highWater,
                handshake,
                List.of(names));
    }

    public Settings withHandshake(Duration limit) {
        return with(system, perPeer, maxInbound, maxOfAddress, maxOfLoopback, lowWater, highWater, limit, securities);
    }

    Settings withInbound(int all, int ofAddress, int ofLoopback) {
        return with(system, perPeer, all, ofAddress, ofLoopback, lowWater, highWater, handshake, securities);
    }

    private Settings with(
            Limits system,
            Limits perPeer,
            int maxInbound,
            int maxOfAddress,
            int maxOfLoopback,
            int lowWater,
            int highWater,
            Duration handshake,
            List<String> securities) {
        return new Settings(
                system,
                transients,
                perPeer,
                maxInbound,
                maxOfAddress,
                maxOfLoopback,
                yamux,
                lowWater,
                highWater,
                grace,
                handshake,
                dial,
                heartbeat,
                drain,
                securities,
                agent);
    }
}
