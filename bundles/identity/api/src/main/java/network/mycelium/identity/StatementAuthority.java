package network.mycelium.identity;

import org.osgi.annotation.versioning.ConsumerType;

/// One more answer to who may speak for the whole network, beside its founders and operators: the quorum of a
/// consensus, say. A whiteboard service: what it answers counts from when it is registered. Asked from any thread,
/// under a lock, so it must not wait.
@ConsumerType
public interface StatementAuthority {
    /// Whether those who signed a statement are enough for it. Every node must come to the same answer, by the
    /// statement and what holds in the network, or the nodes would hold different things.
    boolean suffices(Statement statement);
}
