package network.mycelium.libp2p.provider.swarm;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;

/// The protocols that this node offers. Safe from any thread.
final class ProtocolTable {
    /// An offer, with the streams that it serves now.
    static final class Offer {
        private final ProtocolHandler handler;
        private final Set<Stream> serving = ConcurrentHashMap.newKeySet();
        private volatile boolean withdrawn;

        private Offer(ProtocolHandler handler) {
            this.handler = handler;
        }

        void serve(Stream stream) throws java.io.IOException {
            serving.add(stream);
            try {
                if (withdrawn) {
                    stream.reset();
                    return;
                }
                handler.handle(stream);
            } finally {
                serving.remove(stream);
                synchronized (this) {
                    notifyAll();
                }
            }
        }

        /// Waits for its streams to end, then resets those that have not.
        void drain(long millis) {
            withdrawn = true;
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            try {
                synchronized (this) {
                    for (long left; !serving.isEmpty() && (left = until - System.nanoTime()) > 0; ) {
                        TimeUnit.NANOSECONDS.timedWait(this, left);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            List.copyOf(serving).forEach(Stream::reset);
        }
    }

    private final ConcurrentHashMap<String, Offer> offers = new ConcurrentHashMap<>();

    /// @return null if somebody offers it already
    Offer add(String protocol, ProtocolHandler handler) {
        var offer = new Offer(handler);
        return offers.putIfAbsent(protocol, offer) == null ? offer : null;
    }

    void remove(String protocol, Offer offer) {
        offers.remove(protocol, offer);
    }

    Offer get(String protocol) {
        return offers.get(protocol);
    }

    Set<String> names() {
        return new TreeSet<>(offers.keySet());
    }
}
