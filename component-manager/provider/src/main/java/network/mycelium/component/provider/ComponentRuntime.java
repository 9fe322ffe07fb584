package network.mycelium.component.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import network.mycelium.component.Lease;

/// What is known of a component only while the process lives: its leases, and how it fares. Thread-safe.
final class ComponentRuntime {
    private final LongSupplier clock;
    private final List<Lease> leases = new ArrayList<>();
    private long idleSince;
    private long healthySince;
    private long nextRestart;
    private int restarts;
    private String problem = "";

    /// @param clock milliseconds since the epoch
    ComponentRuntime(LongSupplier clock) {
        this.clock = clock;
        this.idleSince = clock.getAsLong();
        this.healthySince = idleSince;
    }

    synchronized void add(Lease lease) {
        leases.add(lease);
    }

    synchronized void remove(Lease lease) {
        leases.remove(lease);
        idleSince = clock.getAsLong();
    }

    synchronized List<String> holders() {
        return leases.stream().map(Lease::holder).toList();
    }

    /// Notes that somebody asked for it.
    synchronized void touch() {
        idleSince = clock.getAsLong();
    }

    synchronized long idleSince() {
        return idleSince;
    }

    synchronized void idleSince(long millis) {
        idleSince = millis;
    }

    /// After an update the new version starts with a clean record.
    synchronized void startAfresh() {
        restarts = 0;
        problem = "";
        nextRestart = 0;
        healthySince = clock.getAsLong();
    }

    synchronized int restarts() {
        return restarts;
    }

    synchronized String problem() {
        return problem;
    }

    synchronized void problem(String text) {
        problem = text;
    }

    synchronized void restarted() {
        restarts++;
        healthySince = clock.getAsLong();
    }

    /// Forgets old restarts once it has been well for long enough.
    synchronized void healthy(long now, long stableMillis) {
        problem = "";
        if (restarts > 0 && now - healthySince > stableMillis) {
            restarts = 0;
        }
    }

    synchronized long nextRestart() {
        return nextRestart;
    }

    synchronized void nextRestart(long millis) {
        nextRestart = millis;
    }
}
