package network.mycelium.libp2p.provider.swarm;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;

/// Which addresses of which peers wait after a failure, longer each time. For each peer by itself: a peer
/// that tells another's address as its own, where it is then not found, keeps nobody from dialling that
/// other. Safe from any thread.
final class BackOffs {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LAST = Duration.ofMinutes(5);
    private static final int MAX_DOUBLINGS = 16;
    /// Beyond, the one that failed first is forgotten.
    static final int MAX_REMEMBERED = 4096;

    private record Target(PeerId peer, Multiaddr address) {}

    private record BackOff(int failures, long until) {}

    /// The one that failed last is the last. Guarded by this.
    private final Map<Target, BackOff> all = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Target, BackOff> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    synchronized void failed(PeerId peer, Multiaddr address) {
        var target = new Target(peer, address);
        BackOff old = all.remove(target);
        int failures = old == null ? 1 : Math.min(old.failures() + 1, MAX_DOUBLINGS);
        long wait = Math.min(FIRST.toNanos() << failures - 1, LAST.toNanos());
        all.put(target, new BackOff(failures, System.nanoTime() + wait));
    }

    synchronized void reached(PeerId peer, Multiaddr address) {
        all.remove(new Target(peer, address));
    }

    synchronized boolean waits(PeerId peer, Multiaddr address) {
        BackOff backOff = all.get(new Target(peer, address));
        return backOff != null && backOff.until() - System.nanoTime() > 0;
    }

    synchronized int size() {
        return all.size();
    }
}
