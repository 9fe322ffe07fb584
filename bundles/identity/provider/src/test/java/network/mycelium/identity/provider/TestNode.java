package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.Charters;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity.Invitation;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.NodeKeys;
import network.mycelium.libp2p.core.gossip.GossipConfig;
import network.mycelium.libp2p.core.gossip.ScoreConfig;
import network.mycelium.libp2p.core.keys.NodeKey;
import network.mycelium.libp2p.provider.FileNodeKeys;
import network.mycelium.libp2p.provider.NodeEnvelopes;
import network.mycelium.libp2p.provider.gossip.GossipService;
import network.mycelium.libp2p.provider.swarm.PeerBook;
import network.mycelium.libp2p.provider.swarm.Settings;
import network.mycelium.libp2p.provider.swarm.Swarm;
import network.mycelium.node.command.Access;

/// A node with a real libp2p on loopback, without OSGi.
final class TestNode implements AutoCloseable {
    final InstantSource clock;
    final Path folder;
    final NodeKeys keys;
    private final Path keyFile;
    NodeKey key;
    Envelopes envelopes;
    Swarm swarm;
    GossipService gossip;
    IdentityProvider identity;
    volatile Statements statements;
    volatile Charters charters;
    volatile Presence presence;

    TestNode(Path folder) throws IOException {
        this(folder, Duration.ZERO);
    }

    TestNode(Path folder, Duration clockAhead) throws IOException {
        this.folder = folder;
        this.clock = Clock.offset(Clock.systemUTC(), clockAhead);
        this.keyFile = folder.resolveSibling(folder.getFileName() + ".key");
        this.keys = new FileNodeKeys(keyFile);
        if (!Files.exists(keyFile)) {
            byte[] seed = new byte[NodeKey.SEED_SIZE];
            new SecureRandom().nextBytes(seed);
            Files.write(keyFile, new NodeKey(seed).message());
        }
        start();
    }

    private void start() throws IOException {
        key = NodeKey.parse(Files.readAllBytes(keyFile));
        envelopes = new NodeEnvelopes(key);
        swarm = new Swarm(key, Settings.DEFAULT, new PeerBook()).start();
        gossip = new GossipService(swarm, swarm.book(), key, GossipConfig.DEFAULT, ScoreConfig.DEFAULT).start();
        swarm.listenOn(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
        boot();
    }

    /// As another process would, with the key that lies on the disk now.
    void restart() throws IOException {
        close();
        start();
    }

    void boot() throws IOException {
        boot(keys);
    }

    void boot(NodeKeys keys) throws IOException {
        identity = new IdentityProvider(
                folder, swarm, gossip, envelopes, keys, clock, (admission, spread, office, present) -> {
                    swarm.admissions().add(admission);
                    statements = spread;
                    charters = office;
                    presence = present;
                    return () -> {
                        swarm.admissions().remove(admission);
                        statements = null;
                    };
                });
        identity.resume();
    }

    String invite(int uses) throws IdentityException {
        return invite(uses, Access.STANDARD);
    }

    String invite(int uses, Access access) throws IdentityException {
        return identity.invite(new Invitation(access, List.of("hypha"), Map.of(), uses, Duration.ofHours(1)));
    }

    boolean isConnectedTo(TestNode other) {
        return swarm.connection(other.swarm.id()).isPresent();
    }

    @Override
    public void close() {
        identity.deactivate();
        gossip.close();
        swarm.close();
    }
}
