package network.mycelium.identity.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import network.mycelium.identity.Statement;
import network.mycelium.identity.core.document.Register;

/// Tells listeners what changed, on a thread of its own: whoever brings documents, gossip under its lock among them,
/// never waits for a listener. Of a register that changed again meanwhile the last is told, so that no more can wait
/// than there are registers. Safe from any thread.
final class Announcements {
    private static final Logger LOG = System.getLogger(Announcements.class.getName());

    private final List<Consumer<Statement>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    /// Guarded by this, as are the flags.
    private final Map<Register, Statement> waiting = new LinkedHashMap<>();

    private boolean changed;
    private boolean telling;

    /// @param listener called with each statement that began or ceased to hold, one at a time; it may take its time
    AutoCloseable listen(Consumer<Statement> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /// @param watcher called after changes of any kind, before the listeners
    void watch(Runnable watcher) {
        watchers.add(watcher);
    }

    /// Something changed, and these statements with it.
    synchronized void tell(Collection<Statement> statements) {
        for (Statement statement : statements) {
            var register = new Register(statement.kind(), statement.key());
            waiting.remove(register);
            waiting.put(register, statement);
        }
        changed = true;
        if (!telling) {
            telling = true;
            Thread.ofVirtual().name("statements").start(this::run);
        }
    }

    private void run() {
        while (true) {
            List<Statement> news;
            synchronized (this) {
                if (!changed) {
                    telling = false;
                    return;
                }
                changed = false;
                news = new ArrayList<>(waiting.values());
                waiting.clear();
            }
            watchers.forEach(watcher -> call(watcher, watcher));
            news.forEach(statement -> listeners.forEach(listener -> call(listener, () -> listener.accept(statement))));
        }
    }

    private static void call(Object who, Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a listener for statements failed: " + who, e);
        }
    }
}
