package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;

/// What one node has seen of one roll-out: how each of the nodes stands that change in it. Of each node only
/// what that node says of itself counts, and of who is not among those on which the component should run
/// nothing does. One thread at a time.
final class Survey {
    /// How a node stands.
    private enum Standing {
        /// It has run the new version for the window.
        WELL,
        /// It is there, and has not yet.
        WAITED_FOR,
        /// It tried, failed, and says so.
        FAILED,
        /// It fell silent when it was its turn, before its window was over.
        VANISHED,
        /// It goes first, and this node never heard it: it may be on the other side of a partition.
        UNSEEN,
        /// It left the network, should not run the component any more, or was away before it was its turn.
        EXCUSED
    }

    private static final int NAMED = 3;

    private Directive directive;
    private Rollout rollout;
    private Versions versions;
    private List<Optional<String>> order = List.of();
    private final List<Standing> standings = new ArrayList<>();
    /// Peer ids of nodes outside of the order that failed.
    private List<String> failedOthers = List.of();
    /// Since when a node has been seen to run the new version.
    private final Map<String, Long> since = new HashMap<>();
    private final Set<String> passed = new HashSet<>();
    /// Nodes that were there when it was their turn.
    private final Set<String> due = new HashSet<>();

    /// Begins anew for other versions; a directive that only says the same again takes nothing from anybody's
    /// window.
    void follow(Directive next, Rollout nextRollout) {
        boolean other = directive == null || !directive.versions().equals(next.versions());
        if (other || directive.sequence() != next.sequence()) {
            due.clear();
        }
        if (other) {
            since.clear();
            passed.clear();
            versions = Versions.parse(next.versions());
        }
        directive = next;
        rollout = nextRollout;
    }

    /// @param placed peer ids of the living on which the component should run
    void look(NetworkView view, Set<String> placed) {
        order = rollout.order().stream().map(view.newest()).toList();
        standings.clear();
        List<Integer> starts = Waves.starts(rollout, order.size());
        for (int wave = 0; wave + 1 < starts.size(); wave++) {
            boolean open = !rollout.paused() && isOpen(starts.get(wave));
            for (int i = starts.get(wave); i < starts.get(wave + 1); i++) {
                standings.add(
                        order.get(i).isEmpty()
                                ? Standing.EXCUSED
                                : standing(order.get(i).get(), i < rollout.canaries(), open, view, placed));
            }
        }
        Set<String> named = order.stream().flatMap(Optional::stream).collect(Collectors.toSet());
        failedOthers = placed.stream()
                .filter(peer -> !named.contains(peer))
                .filter(peer -> rejects(view.living().get(peer)))
                .toList();
    }

    private boolean rejects(Heard one) {
        return one != null && one.says(directive, NodeState.REJECTED).isPresent();
    }

    private Standing standing(String peer, boolean canary, boolean open, NetworkView view, Set<String> placed) {
        Heard one = view.living().get(peer);
        if (one == null) {
            return passed.contains(peer)
                    ? Standing.WELL
                    : due.contains(peer) ? Standing.VANISHED : canary ? Standing.UNSEEN : Standing.EXCUSED;
        }
        if (!placed.contains(peer)) {
            return Standing.EXCUSED;
        }
        if (rejects(one)) {
            forget(peer);
            return Standing.FAILED;
        }
        if (!runsNew(one)) {
            forget(peer);
            if (open) {
                due.add(peer);
            } else {
                due.remove(peer);
            }
            return Standing.WAITED_FOR;
        }
        due.add(peer);
        long begun = since.computeIfAbsent(peer, p -> one.atMillis());
        // By when it was heard: what it said last is no word about the time since.
        if (one.atMillis() - begun >= TimeUnit.SECONDS.toMillis(rollout.windowSeconds())) {
            passed.add(peer);
        }
        return passed.contains(peer) ? Standing.WELL : Standing.WAITED_FOR;
    }

    boolean runsNew(Heard one) {
        return one.runs(directive.component(), versions);
    }

    private void forget(String peer) {
        since.remove(peer);
        passed.remove(peer);
    }

    /// Whether those may go who come after so many.
    private boolean isOpen(int before) {
        return before == 0
                || count(before, Standing.WELL) > 0
                        && standings.subList(0, before).stream()
                                        .filter(this::holdsUp)
                                        .count()
                                <= rollout.failures();
    }

    /// Who was never heard is not waited for where most of all run the new version: the roll-out is long over.
    private boolean holdsUp(Standing standing) {
        return switch (standing) {
            case WELL, EXCUSED -> false;
            case WAITED_FOR, FAILED, VANISHED -> true;
            case UNSEEN -> passed.size() * 2 <= order.size();
        };
    }

    private long count(int first, Standing wanted) {
        return standings.subList(0, first).stream().filter(wanted::equals).count();
    }

    /// How many say that they failed.
    long failed() {
        return count(standings.size(), Standing.FAILED) + failedOthers.size();
    }

    /// How many fell silent when it was their turn.
    long vanished() {
        return count(standings.size(), Standing.VANISHED);
    }

    /// Whether so many are not through with it that it may still fail.
    boolean isUnderWay() {
        return standings.stream().filter(this::holdsUp).count() > rollout.failures();
    }

    boolean isThrough(String peer) {
        return passed.contains(peer);
    }

    /// Whether a node may go: those before it run the new version well, but for as many as may fail.
    boolean isTurnOf(String peer) {
        return !order.isEmpty() && isOpen(before(peer));
    }

    private int before(String peer) {
        int place = order.indexOf(Optional.of(peer));
        List<Integer> starts = Waves.starts(rollout, order.size());
        return place < 0
                ? order.size()
                : starts.stream().filter(start -> start <= place).reduce(0, Math::max);
    }

    /// In words, who failed.
    String failures(NetworkView view) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < standings.size(); i++) {
            String peer = order.get(i).orElse("");
            switch (standings.get(i)) {
                case FAILED -> all.add(reason(view, peer));
                case VANISHED ->
                    all.add("%s fell silent while it was its turn"
                            .formatted(view.name().apply(peer)));
                default -> {}
            }
        }
        failedOthers.forEach(peer -> all.add(reason(view, peer)));
        return some(all);
    }

    private String reason(NetworkView view, String peer) {
        return "%s: %s"
                .formatted(
                        view.name().apply(peer),
                        view.living()
                                .get(peer)
                                .says(directive, NodeState.REJECTED)
                                .orElse(""));
    }

    /// In words, for whom a node waits.
    String waitsFor(NetworkView view, String peer) {
        int before = before(peer);
        List<String> all = IntStream.range(0, before)
                .filter(i -> holdsUp(standings.get(i)))
                .mapToObj(i -> view.name().apply(order.get(i).orElse(""))
                        + (standings.get(i) == Standing.WAITED_FOR ? "" : ", which is not heard"))
                .toList();
        return all.isEmpty() ? "nobody who went first is left: direct it once more" : "waits for " + some(all);
    }

    private static String some(List<String> all) {
        String named = String.join("; ", all.subList(0, Math.min(NAMED, all.size())));
        return all.size() <= NAMED ? named : "%s; and %d more".formatted(named, all.size() - NAMED);
    }
}
