package network.mycelium.libp2p.provider.swarm;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.protocols.Perf;

/// Two nodes on loopback.
final class TwoSwarms implements AutoCloseable {
    final Swarm a;
    final Swarm b;

    TwoSwarms() throws IOException {
        this(Settings.DEFAULT);
    }

    TwoSwarms(Settings settings) throws IOException {
        a = swarm(settings);
        b = swarm(settings);
        for (Swarm swarm : List.of(a, b)) {
            swarm.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
            swarm.handle(Perf.PROTOCOL, Perf::answer);
        }
    }

    static NodeKey key() {
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        return new NodeKey(seed);
    }

    static Swarm swarm(Settings settings) {
        return new Swarm(key(), settings, new PeerBook()).start();
    }

    static Settings withDial(Settings base, Duration dial) {
        return with(base, dial, base.heartbeat());
    }

    static Settings withHeartbeat(Settings base, Duration heartbeat) {
        return with(base, base.dial(), heartbeat);
    }

    private static Settings with(Settings base, Duration dial, Duration heartbeat) {
        return new Settings(
                base.system(),
                base.transients(),
                base.perPeer(),
                base.maxInbound(),
                base.maxOfAddress(),
                base.maxOfLoopback(),
                base.yamux(),
                base.lowWater(),
                base.highWater(),
                base.grace(),
                base.handshake(),
                dial,
                heartbeat,
                base.drain(),
                base.securities(),
                base.agent());
    }

    Connection connect() throws IOException {
        return a.connect(b.id(), b.addresses());
    }

    @Override
    public void close() {
        a.close();
        b.close();
    }
}
