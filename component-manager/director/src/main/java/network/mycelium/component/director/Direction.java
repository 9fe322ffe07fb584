package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import network.mycelium.component.Directive;
import network.mycelium.component.Director.Ignored;

/// Works out what should run on this node, from what is directed and who is there. A directive that cannot be
/// worked out is left aside, with why, and what runs of it stays; it keeps nothing from the others. One
/// thread at a time.
final class Direction {
    /// @param wanted what should be so here, the most important first
    /// @param elsewhere components that the network speaks of and that should not run here
    /// @param courses why roll-outs do not go on here, by component
    /// @param ignored directives that could not be worked out
    record Outcome(List<Wanted> wanted, Set<String> elsewhere, Map<String, String> courses, List<Ignored> ignored) {}

    private final Rollouts rollouts;

    Direction(Rollouts rollouts) {
        this.rollouts = rollouts;
    }

    /// @param hasHeard whether this node has heard anybody since it booted, or waited long enough: before,
    ///     what ran when it ended goes on, and nothing else is begun
    Outcome decide(Said.Directives said, OwnRoles roles, NetworkView view, boolean hasHeard) {
        rollouts.follow(said.given());
        List<Wanted> wanted = new ArrayList<>();
        Map<String, String> courses = new HashMap<>();
        List<Ignored> ignored = new ArrayList<>();
        for (Directive directive : said.given()) {
            try {
                wanted(directive, view, hasHeard, courses).ifPresent(wanted::add);
            } catch (RuntimeException e) {
                ignored.add(new Ignored(
                        DirectiveCodec.KIND,
                        directive.component(),
                        directive.signers(),
                        "this node cannot work it out: " + e));
                wanted.add(Wanted.kept(directive.component()));
            }
        }
        Said.unreadable(said).forEach(component -> wanted.add(Wanted.kept(component)));
        Set<String> spokenOf = new HashSet<>(Said.unreadable(said));
        said.given().forEach(directive -> spokenOf.add(directive.component()));
        roles.wanted(spokenOf).stream()
                .map(one -> hasHeard ? one : Wanted.kept(one.component()))
                .forEach(wanted::add);
        wanted.sort(Comparator.comparingInt(Wanted::priority).reversed());
        return new Outcome(wanted, elsewhere(said, wanted, view), courses, ignored);
    }

    private Optional<Wanted> wanted(
            Directive directive, NetworkView view, boolean hasHeard, Map<String, String> courses) {
        List<String> placed = Placement.among(directive, view.living().values());
        Optional<Wanted> kept = Optional.of(Wanted.by(directive, Wanted.Mode.KEEP));
        if (!placed.contains(view.self())) {
            return !view.settled() || !isReplaced(directive, placed, view) ? kept : Optional.empty();
        }
        Rollouts.Decision decision = rollouts.now(directive, new HashSet<>(placed), view);
        if (!decision.course().isEmpty()) {
            courses.put(directive.component(), decision.course());
        }
        boolean mayBegin = hasHeard && (view.settled() || directive.concernsAll());
        if (directive.count() == Directive.ON_DEMAND) {
            return mayBegin ? Optional.of(Wanted.by(directive, Wanted.Mode.ON_DEMAND)) : Optional.empty();
        }
        return Optional.of(Wanted.by(decision.directive(), mayBegin ? Wanted.Mode.RUN : Wanted.Mode.KEEP));
    }

    /// Whether it runs wherever it should, so that it may end here. What runs on demand is replaced by nobody.
    private static boolean isReplaced(Directive directive, List<String> placed, NetworkView view) {
        return directive.count() == Directive.ON_DEMAND
                || placed.stream().allMatch(peer -> view.living().get(peer).runs(directive.component()));
    }

    private static Set<String> elsewhere(Said.Directives said, List<Wanted> wanted, NetworkView view) {
        Set<String> elsewhere = new TreeSet<>();
        if (view.settled()) {
            elsewhere.addAll(said.withdrawn());
            said.given().forEach(directive -> elsewhere.add(directive.component()));
            wanted.forEach(one -> elsewhere.remove(one.component()));
        }
        return elsewhere;
    }
}
