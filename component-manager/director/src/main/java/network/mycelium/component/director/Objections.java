package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Selector;
import network.mycelium.component.Director.Running;

/// Why a directive would do nothing now, or not what was meant: it selects nobody, no index has such a
/// version, nobody runs what it changes from. Each says what there is.
final class Objections {
    private static final int NAMED = 10;

    /// @param living members that are there
    /// @return empty if there is nothing against it
    static List<String> to(Directive directive, Collection<Heard> living, Offers offers) {
        List<String> all = new ArrayList<>();
        if (directive.count() != 0) {
            addUnlessOffered(directive, offers, all);
            addUnlessSelecting(directive, living, all);
        }
        directive.rollout().ifPresent(rollout -> addUnlessRunning(directive, rollout.from(), living, all));
        return all;
    }

    private static void addUnlessOffered(Directive directive, Offers offers, List<String> all) {
        List<String> versions = offers.versions(directive.component());
        if (versions.isEmpty()) {
            all.add("No index lists %s; there are: %s."
                    .formatted(directive.component(), some(offers.components().keySet().stream())));
        } else if (versions.stream().noneMatch(Versions.parse(directive.versions())::includes)) {
            all.add("No index lists %s; of %s there are: %s."
                    .formatted(directive.spec(), directive.component(), some(versions.stream())));
        }
    }

    private static void addUnlessSelecting(Directive directive, Collection<Heard> living, List<String> all) {
        if (living.stream().anyMatch(one -> one.isSelected(directive))) {
            return;
        }
        Selector selector = directive.selector();
        String what = "It selects no member that is there";
        if (!selector.roles().isEmpty() && none(living, one -> has(one, selector))) {
            all.add("%s: none has the role %s; there are: %s."
                    .formatted(
                            what,
                            String.join(" or ", selector.roles()),
                            some(living.stream().flatMap(one -> one.roles().stream()))));
        } else if (!selector.labels().isEmpty()
                && none(
                        living,
                        one -> one.member()
                                .labels()
                                .entrySet()
                                .containsAll(selector.labels().entrySet()))) {
            all.add("%s: none has the labels %s; there are: %s."
                    .formatted(
                            what,
                            labels(selector.labels()).collect(Collectors.joining(" and ")),
                            some(living.stream()
                                    .flatMap(one -> labels(one.member().labels())))));
        } else if (none(living, one -> one.state().resources().areAtLeast(selector.least()))) {
            all.add("%s: none has %d MiB of memory and %d processors; there are: %s."
                    .formatted(
                            what,
                            selector.least().memoryMiB(),
                            selector.least().processors(),
                            some(living.stream()
                                    .map(one -> "%d MiB with %d"
                                            .formatted(
                                                    one.state().resources().memoryMiB(),
                                                    one.state().resources().processors())))));
        } else {
            all.add(what + ": some have each of what it asks for, but nobody all of it and standard access.");
        }
    }

    private static boolean has(Heard one, Selector selector) {
        return selector.roles().stream().anyMatch(one.roles()::contains);
    }

    private static boolean none(Collection<Heard> living, Predicate<Heard> which) {
        return living.stream().noneMatch(which);
    }

    private static Stream<String> labels(Map<String, String> labels) {
        return labels.entrySet().stream().map(label -> label.getKey() + "=" + label.getValue());
    }

    private static void addUnlessRunning(Directive directive, String from, Collection<Heard> living, List<String> all) {
        Map<String, Integer> nodes = new TreeMap<>();
        living.forEach(one -> one.state().running().stream()
                .filter(r ->
                        r.component().equals(directive.component()) && r.state().equals(NodeState.ACTIVE))
                .map(Running::version)
                .forEach(version -> nodes.merge(version, 1, Integer::sum)));
        if (nodes.isEmpty()) {
            all.add("Nobody runs %s, so there is nothing to change from %s; direct it without --from."
                    .formatted(directive.component(), from));
        } else if (nodes.keySet().stream().noneMatch(Versions.parse(from)::includes)) {
            all.add("Nobody runs %s@%s; there run: %s."
                    .formatted(
                            directive.component(),
                            from,
                            some(nodes.entrySet().stream().map(e -> "%s on %d".formatted(e.getKey(), e.getValue())))));
        }
    }

    private static String some(Stream<String> all) {
        TreeSet<String> names = all.collect(Collectors.toCollection(TreeSet::new));
        String named = names.stream().limit(NAMED).collect(Collectors.joining(", "));
        return names.isEmpty()
                ? "none"
                : names.size() <= NAMED ? named : "%s and %d more".formatted(named, names.size() - NAMED);
    }
}
