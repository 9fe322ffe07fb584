package network.mycelium.component.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import network.mycelium.component.ComponentEvent;
import network.mycelium.component.ComponentEvent.Type;
import network.mycelium.component.ComponentListener;

/// Tells listeners of every transition, in order, on one thread of its own. At most 1,000 events wait; more are
/// logged and not told.
final class Events implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Events.class.getName());
    private static final int MAX_WAITING = 1000;

    private final List<ComponentListener> listeners = new CopyOnWriteArrayList<>();
    private final ExecutorService thread = new ThreadPoolExecutor(
            0,
            1,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().daemon().name("component-events").factory());

    void add(ComponentListener listener) {
        listeners.add(listener);
    }

    void remove(ComponentListener listener) {
        listeners.remove(listener);
    }

    void tell(Type type, String component, String version, String cause, String detail) {
        var event = new ComponentEvent(Instant.now(), type, component, version, cause, detail);
        Level level = switch (type) {
            case CHANGE_FAILED, FAILED, QUARANTINED, LEAKED -> Level.WARNING;
            default -> Level.INFO;
        };
        LOG.log(
                level,
                "{0} {1} {2}, by {3}{4}",
                type,
                component,
                version,
                cause,
                detail.isEmpty() ? "" : ": " + detail);
        try {
            thread.execute(() -> tell(event));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.WARNING, "listeners are too slow, they are not told of {0}", event);
        }
    }

    private void tell(ComponentEvent event) {
        for (ComponentListener listener : listeners) {
            try {
                listener.changed(event);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "listener " + listener + " failed", e);
            }
        }
    }

    /// Tells what still waits, for at most two seconds.
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "events were still waiting for their listeners");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
