package network.mycelium.libp2p.provider.swarm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.libp2p.Host.Usage;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.limits.Scope;
import network.mycelium.libp2p.provider.limits.Scope.Resource;

/// The scopes of a node: the system holds the transient one (handshakes) and one for each peer, which holds
/// its connections. Those that peers dialled are counted by themselves as well, and are fewer than all: so
/// this node's own dials have room whatever comes in.
final class Scopes {
    private final Settings settings;
    private final Scope system;
    private final Scope transients;
    private final Scope inbound;
    private final Map<PeerId, Scope> peers = new ConcurrentHashMap<>();

    Scopes(Settings settings) {
        this.settings = settings;
        this.system = new Scope(() -> "system", settings.system());
        this.transients = new Scope(() -> "transient", settings.transients());
        this.inbound = new Scope(() -> "inbound", new Limits(settings.maxInbound(), 0, 0));
    }

    /// Counts one handshake that is under way.
    Scope handshake() throws Libp2pException {
        transients.reserve(Resource.CONNECTIONS, 1);
        return transients;
    }

    /// A scope for one connection of that peer, which it is counted in.
    Scope connection(PeerId peer, boolean outbound) throws Libp2pException {
        if (outbound) {
            return connection(peer);
        }
        inbound.reserve(Resource.CONNECTIONS, 1);
        boolean done = false;
        try {
            Scope scope = connection(peer);
            done = true;
            return scope;
        } finally {
            if (!done) {
                inbound.release(Resource.CONNECTIONS, 1);
            }
        }
    }

    private Scope connection(PeerId peer) throws Libp2pException {
        var failure = new Libp2pException[1];
        Scope scope = peers.compute(peer, (id, known) -> {
            Scope used = known == null ? new Scope(() -> "peer " + id, settings.perPeer(), system) : known;
            try {
                used.reserve(Resource.CONNECTIONS, 1);
            } catch (Libp2pException e) {
                failure[0] = e;
            }
            return used.isEmpty() ? null : used;
        });
        if (failure[0] != null) {
            throw failure[0];
        }
        return scope;
    }

    /// A connection has ended; its streams may still be served for a moment.
    void released(PeerId peer, boolean outbound) {
        if (!outbound) {
            inbound.release(Resource.CONNECTIONS, 1);
        }
        peers.computeIfPresent(peer, (id, scope) -> {
            scope.release(Resource.CONNECTIONS, 1);
            return scope.isEmpty() ? null : scope;
        });
    }

    /// The last stream of a connection that has ended is served.
    void forgetIfEmpty(PeerId peer) {
        peers.computeIfPresent(peer, (id, scope) -> scope.isEmpty() ? null : scope);
    }

    Map<String, Map<String, Usage>> usage() {
        Map<String, Map<String, Usage>> usage = new LinkedHashMap<>();
        usage.put(system.name(), system.usage());
        usage.put(transients.name(), transients.usage());
        usage.put(inbound.name(), Map.of("connections", inbound.usage().get("connections")));
        peers.values().forEach(scope -> usage.put(scope.name(), scope.usage()));
        return usage;
    }
}
