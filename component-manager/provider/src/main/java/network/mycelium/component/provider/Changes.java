package network.mycelium.component.provider;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentEvent.Type;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentException.Kind;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.component.Plan;
import network.mycelium.component.provider.NodeSet.ComponentRecord;

/// The current [NodeSet], and the one change at a time that replaces it: from [Planner] to [ChangeRunner], told to all
/// by [Events].
///
/// Threading: [#lock] is held while something changes, and never while a listener is called or a bundle is waited for
/// that a source has to send.
final class Changes {
    private final Planner planner;
    private final ChangeRunner runner;
    private final Journal journal;
    private final Runtimes runtimes;
    private final Events events;
    private final ReentrantLock lock = new ReentrantLock(true);
    /// Replaced under the lock; read anywhere.
    private volatile NodeSet set;

    Changes(Planner planner, ChangeRunner runner, Journal journal, Runtimes runtimes, Events events) {
        this.planner = planner;
        this.runner = runner;
        this.journal = journal;
        this.runtimes = runtimes;
        this.events = events;
        this.set = journal.last();
    }

    ReentrantLock lock() {
        return lock;
    }

    NodeSet set() {
        return set;
    }

    Events events() {
        return events;
    }

    Runtimes runtimes() {
        return runtimes;
    }

    /// Under the lock.
    Draft draft(Change change) throws ComponentException {
        return planner.draft(change, set, runtimes.holders());
    }

    /// Under the lock.
    void carryOut(Draft draft, String cause, Progress progress) throws ComponentException {
        carryOut(draft, set, cause, progress);
    }

    private void carryOut(Draft draft, NodeSet base, String cause, Progress progress) throws ComponentException {
        Plan plan = draft.plan();
        try {
            set = runner.run(draft, base, progress);
        } catch (ComponentException e) {
            events.tell(Type.CHANGE_FAILED, plan.component(), plan.version(), cause, e.getMessage());
            throw e;
        }
        draft.replaced().ifPresent(old -> runtimes.move(old, draft.subject()));
        draft.subject().ifPresent(c -> runtimes.of(c.key()).touch());
        if (plan.change().kind() == Change.Kind.UPDATE && plan.changesNoBundle()) {
            return;
        }
        Type type = switch (plan.change().kind()) {
            case LOAD -> plan.changesNoBundle() ? Type.HELD : Type.LOADED;
            case UNLOAD -> Type.UNLOADED;
            case UPDATE -> Type.UPDATED;
            case ROLLBACK -> Type.ROLLED_BACK;
        };
        String version = draft.subject().or(draft::replaced).orElseThrow().version();
        String detail = draft.subject().isPresent()
                ? draft.replaced().map(old -> "from " + old.version()).orElse("")
                : "";
        events.tell(type, plan.component(), version, cause, detail);
    }

    /// Another set of the same bundles. Under the lock.
    void replace(NodeSet next) throws ComponentException {
        try {
            journal.append(next);
            set = next;
        } catch (IOException e) {
            throw new ComponentException(Kind.STORAGE, "The journal cannot be written: " + e.getMessage() + ".", e);
        }
    }

    /// Goes back to the version before the component's last update. In the same step of the journal the version that
    /// failed is rejected, so that nobody loads it again unawares. Under the lock.
    void takeBack(ComponentRecord component, String problem, long nowMillis) throws ComponentException {
        NodeSet base = set.rejecting(component, problem, nowMillis);
        var change = new Change(Change.Kind.ROLLBACK, component.key(), Supervisor.CAUSE, false);
        carryOut(planner.draft(change, base, runtimes.holders()), base, Supervisor.CAUSE, Progress.NONE);
    }

    /// Stops a component for good, and rejects it. Under the lock.
    void quarantine(ComponentRecord component, String problem, long nowMillis) throws ComponentException {
        NodeSet base = set.rejecting(component, problem, nowMillis);
        var unload = new Change(Change.Kind.UNLOAD, component.key(), Supervisor.CAUSE, true);
        Draft draft = planner.draft(unload, base, Map.of());
        set = runner.run(draft.keeping(component.inQuarantine()), base, Progress.NONE);
        runtimes.of(component.key()).problem(problem);
        events.tell(Type.QUARANTINED, component.name(), component.version(), Supervisor.CAUSE, problem);
    }

    /// Waits for a change that is under way, and lets none begin.
    void close() throws IOException {
        lock.lock();
        try {
            journal.close();
        } finally {
            lock.unlock();
        }
    }
}
