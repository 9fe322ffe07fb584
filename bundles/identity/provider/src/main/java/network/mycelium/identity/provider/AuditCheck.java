package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity.AuditEntry;
import network.mycelium.identity.NetworkIdentity.AuditWitness;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Asks the members that are connected which heads of this node's audit log they heard, and compares the log with
/// them. A member is told of its own log alone.
final class AuditCheck implements ProtocolHandler {
    static final String PROTOCOL = "/mycelium/audit/1.0.0";
    private static final Logger LOG = System.getLogger(AuditCheck.class.getName());
    private static final int MAX_ANSWER = 64 * 1024;
    private static final int MAX_KEYS = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Host host;
    private final AuditLog log;
    private final AuditHeads heads;
    private final Function<PeerId, Optional<Member>> members;

    AuditCheck(Host host, AuditLog log, AuditHeads heads, Function<PeerId, Optional<Member>> members) {
        this.host = host;
        this.log = log;
        this.heads = heads;
        this.members = members;
    }

    private List<PeerId> keys(PeerId peer) {
        return members.apply(peer).map(m -> m.keys().limit(MAX_KEYS).toList()).orElse(List.of(peer));
    }

    @Override
    public void handle(Stream stream) throws IOException {
        stream.timeout(PATIENCE);
        var out = new ProtoWriter();
        for (PeerId key : keys(stream.peer())) {
            heads.of(key).forEach(head -> out.bytes(1, head));
        }
        Delimited.write(stream, out.toBytes());
    }

    /// What each member heard of this node's log, and whether the log still agrees with it.
    ///
    /// @throws IdentityException INVALID if the log contradicts itself
    List<AuditWitness> check() throws IdentityException {
        Map<Long, String> hashes = new HashMap<>();
        long first = Long.MAX_VALUE;
        for (AuditEntry entry : log.read()) {
            hashes.put(entry.number(), entry.hash());
            first = Math.min(first, entry.number());
        }
        List<AuditWitness> all = new ArrayList<>();
        for (Connection connection : host.connections()) {
            for (AuditHeads.Head head : ask(connection)) {
                // What was dropped at the bound of the log's length cannot be compared.
                if (head.number() >= first) {
                    boolean agrees = head.hash().equals(hashes.get(head.number()));
                    all.add(new AuditWitness(connection.peer(), head.number(), agrees));
                }
            }
        }
        return all;
    }

    private List<AuditHeads.Head> ask(Connection connection) {
        List<AuditHeads.Head> found = new ArrayList<>();
        try (Stream stream = connection.open(PROTOCOL)) {
            stream.timeout(PATIENCE);
            stream.closeWrite();
            List<PeerId> own = keys(host.id());
            var in = new ProtoReader(Delimited.read(stream.input(), MAX_ANSWER));
            for (int field; (field = in.next()) != 0; ) {
                if (field == 1) {
                    found.add(heads.read(own, in.bytes()));
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "{0} does not say what it heard: {1}", connection.peer(), e.getMessage());
        }
        return found;
    }
}
