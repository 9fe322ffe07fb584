package network.mycelium.component.director;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director.Running;

/// Whose turn it is when versions change in waves. Each node works it out from what all nodes report: a wave goes when
/// those before it have run the new version well for the window; when too many failed, everybody goes back, and stays
/// there until there is a newer directive. Plain data: one thread at a time.
final class Rollouts {
    /// The state in which a node reports that it tried the new version and went back.
    static final String REJECTED = "REJECTED";

    /// The state in which a node reports that it saw too many fail.
    static final String HALTED = "HALTED";

    private static final String ACTIVE = "ACTIVE";

    private final LongSupplier nanos;
    private final Supplier<Optional<String>> trouble;
    /// Since when a node has been seen to run a version well. That it was paused meanwhile changes nothing.
    private final Map<String, Long> healthySince = new HashMap<>();
    /// Why this node went back, by directive.
    private final Map<String, String> rejected = new HashMap<>();
    private final Set<String> halted = new HashSet<>();

    /// @param trouble what is wrong with this node as a whole, if anything is
    Rollouts(LongSupplier nanos, Supplier<Optional<String>> trouble) {
        this.nanos = nanos;
        this.trouble = trouble;
    }

    private static String key(Directive directive) {
        return directive.component() + " " + directive.sequence();
    }

    /// This node tried, and failed.
    void reject(Directive directive, String why) {
        rejected.putIfAbsent(key(directive), why);
    }

    /// What this node should run now of a directive that concerns it.
    ///
    /// @param order ids of the nodes on which it should run, in the order in which they change
    /// @param reports what each node says that it runs
    Directive now(Directive directive, List<String> order, Map<String, List<Running>> reports, String self) {
        if (directive.rollout().isEmpty()) {
            return directive;
        }
        Rollout rollout = directive.rollout().get();
        forgetOlder(directive);
        if (isHalted(directive, rollout, reports) || rejected.containsKey(key(directive))) {
            return directive.at(rollout.from());
        }
        observe(directive, order, reports);
        int here = order.indexOf(self);
        if (runsNew(directive, reports.getOrDefault(self, List.of()))) {
            boolean underWay = unwell(directive, rollout, order) > rollout.failures();
            Optional<String> why = underWay ? trouble.get() : Optional.empty();
            why.ifPresent(problem -> reject(directive, problem));
            return why.isPresent() ? directive.at(rollout.from()) : directive;
        }
        boolean mayGo = !rollout.paused() && waveBeforeIsWell(directive, rollout, order, here);
        return mayGo ? directive : directive.at(rollout.from());
    }

    private void forgetOlder(Directive directive) {
        String current = key(directive);
        String any = directive.component() + " ";
        rejected.keySet().removeIf(k -> k.startsWith(any) && !k.equals(current));
        halted.removeIf(k -> k.startsWith(any) && !k.equals(current));
        healthySince.keySet().removeIf(k -> k.startsWith(any) && !k.startsWith(wellKey(directive, "")));
    }

    private static String wellKey(Directive directive, String node) {
        return directive.component() + " " + directive.versions() + " " + node;
    }

    private boolean isHalted(Directive directive, Rollout rollout, Map<String, List<Running>> reports) {
        String key = key(directive);
        if (halted.contains(key)) {
            return true;
        }
        long failed = reports.values().stream()
                .filter(running -> says(running, directive, REJECTED))
                .count();
        boolean seen = reports.values().stream().anyMatch(running -> says(running, directive, HALTED));
        if (failed > rollout.failures() || seen) {
            halted.add(key);
            healthySince.keySet().removeIf(k -> k.startsWith(directive.component() + " "));
            return true;
        }
        return false;
    }

    private static boolean says(List<Running> running, Directive directive, String state) {
        return running.stream()
                .anyMatch(r -> r.component().equals(directive.component())
                        && r.state().equals(state)
                        && r.version().equals(Long.toString(directive.sequence())));
    }

    private static boolean runsNew(Directive directive, List<Running> running) {
        return running.stream()
                .anyMatch(r -> r.component().equals(directive.component())
                        && r.state().equals(ACTIVE)
                        && Obedience.includes(directive.versions(), r.version()));
    }

    private void observe(Directive directive, List<String> order, Map<String, List<Running>> reports) {
        for (String node : order) {
            String key = wellKey(directive, node);
            if (runsNew(directive, reports.getOrDefault(node, List.of()))) {
                healthySince.putIfAbsent(key, nanos.getAsLong());
            } else {
                healthySince.remove(key);
            }
        }
    }

    /// Whether those who go before this node have gone, and it did them good. Who failed within what is allowed is not
    /// waited for.
    private boolean waveBeforeIsWell(Directive directive, Rollout rollout, List<String> order, int here) {
        int first = firstOfWave(rollout, order.size(), here);
        int unwell = unwell(directive, rollout, order.subList(0, first));
        return unwell == 0 || unwell <= rollout.failures() && first > rollout.failures();
    }

    /// How many have not run the new version well for the window.
    private int unwell(Directive directive, Rollout rollout, List<String> nodes) {
        long window = TimeUnit.SECONDS.toNanos(rollout.windowSeconds());
        int unwell = 0;
        for (String node : nodes) {
            Long since = healthySince.get(wellKey(directive, node));
            if (since == null || nanos.getAsLong() - since < window) {
                unwell++;
            }
        }
        return unwell;
    }

    /// The place of the first node that goes together with the one at this place.
    static int firstOfWave(Rollout rollout, int nodes, int here) {
        int canaries = Math.min(rollout.canaries(), nodes);
        if (here < canaries) {
            return 0;
        }
        int size = Math.max(1, Math.ceilDiv((nodes - canaries) * rollout.wavePercent(), 100));
        return canaries + (here - canaries) / size * size;
    }

    /// What this node tells the others of its own experience.
    List<Running> report() {
        List<Running> all = new java.util.ArrayList<>();
        rejected.forEach((key, why) -> all.add(told(key, REJECTED, why)));
        halted.forEach(key -> all.add(told(key, HALTED, "too many nodes failed")));
        return all;
    }

    private static Running told(String key, String state, String why) {
        String[] parts = key.split(" ");
        return new Running(parts[0], parts[1], state, why);
    }
}
