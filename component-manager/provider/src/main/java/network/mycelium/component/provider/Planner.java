package network.mycelium.component.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentException.Kind;
import network.mycelium.component.Plan;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.component.provider.NodeSet.ComponentSpec;
import network.mycelium.component.provider.NodeSet.Rejected;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.RepositoryIndex;
import network.mycelium.repository.RepositoryIndex.Resolution;
import network.mycelium.repository.RepositoryIndex.Unresolvable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;

/// Works out what a change will do, and changes nothing.
final class Planner {
    static final String COMPONENT = "mycelium.component";
    private static final String IDENTITY = "osgi.identity";

    private final RepositoryIndex index;
    private final BundleStore store;
    private final InstalledBundles installed;

    Planner(RepositoryIndex index, BundleStore store, InstalledBundles installed) {
        this.index = index;
        this.store = store;
        this.installed = installed;
    }

    /// @param held names of components and their holders besides the wishes in the set
    Draft draft(Change change, NodeSet set, Map<String, List<String>> held) throws ComponentException {
        ComponentSpec spec = spec(change);
        return switch (change.kind()) {
            case LOAD -> load(change, spec, set);
            case UNLOAD -> unload(change, spec, set, held);
            case UPDATE -> update(change, spec, set);
            case ROLLBACK -> rollback(change, spec, set);
        };
    }

    private static ComponentSpec spec(Change change) throws ComponentException {
        try {
            return ComponentSpec.parse(change.spec());
        } catch (IllegalArgumentException e) {
            throw new ComponentException(
                    Kind.NOT_FOUND,
                    "%s names no component: %s. Write NAME, NAME@VERSION or NAME@RANGE."
                            .formatted(change.spec(), e.getMessage()),
                    e);
        }
    }

    private Draft load(Change change, ComponentSpec spec, NodeSet set) throws ComponentException {
        Optional<ComponentRecord> loaded =
                set.matching(spec).stream().filter(c -> !c.quarantined()).findFirst();
        if (loaded.isPresent()) {
            return unchanged(change, set, loaded.get(), List.of());
        }
        return install(change, spec, set, Optional.empty());
    }

    private Draft update(Change change, ComponentSpec spec, NodeSet set) throws ComponentException {
        ComponentRecord old = only(set, new ComponentSpec(spec.name(), new VersionRange("0")));
        Version current = Version.parseVersion(old.version());
        if (!spec.range().includes(current)) {
            // What runs is not among those that are wanted, be they newer or older.
            return install(change, spec, set, Optional.of(old));
        }
        VersionRange newer = new VersionRange(VersionRange.LEFT_OPEN, current, null, VersionRange.RIGHT_OPEN);
        VersionRange wanted = spec.range().intersection(newer);
        Map<String, Rejected> rejected = rejected(change, spec, set);
        if (wanted.isEmpty() || !offered(spec.name(), wanted, rejected.keySet())) {
            List<String> passedOver = rejected.values().stream()
                    .filter(r -> !wanted.isEmpty() && r.matches(new ComponentSpec(spec.name(), wanted)))
                    .map(Planner::explain)
                    .toList();
            return unchanged(change, set, old, passedOver);
        }
        return install(change, new ComponentSpec(spec.name(), wanted), set, Optional.of(old));
    }

    private boolean offered(String name, VersionRange range, Set<String> avoid) {
        return index.search(name).stream()
                .filter(ref -> ref.symbolicName().equals(name)
                        || index.componentOf(ref).filter(name::equals).isPresent())
                .filter(ref -> !avoid.contains(ref.sha256()))
                .anyMatch(ref -> range.includes(Version.parseVersion(ref.version())));
    }

    /// What failed too often here and must not be chosen: force lets in what is asked for by its name.
    private static Map<String, Rejected> rejected(Change change, ComponentSpec spec, NodeSet set) {
        Map<String, Rejected> rejected = new HashMap<>(set.rejected());
        if (change.force()) {
            rejected.values().removeIf(r -> r.component().equals(spec.name()));
        }
        return rejected;
    }

    private static String explain(Rejected rejected) {
        return "%s failed too often on this node and is not loaded again: %s. `component history %s` tells more; --force tries it again"
                .formatted(
                        ComponentRecord.key(rejected.component(), rejected.version()),
                        rejected.problem(),
                        rejected.component());
    }

    private Draft rollback(Change change, ComponentSpec spec, NodeSet set) throws ComponentException {
        ComponentRecord current = only(set, spec);
        if (current.previousVersion().isEmpty()) {
            throw new ComponentException(
                    Kind.NOT_FOUND, "%s was not updated, so there is nothing to go back to.".formatted(current.key()));
        }
        ComponentSpec previous = ComponentSpec.parse(current.name() + "@" + current.previousVersion());
        return install(change, previous, set, Optional.of(current));
    }

    private static ComponentRecord only(NodeSet set, ComponentSpec spec) throws ComponentException {
        List<ComponentRecord> found = set.matching(spec);
        if (found.isEmpty()) {
            throw new ComponentException(
                    Kind.NOT_FOUND,
                    "No component %s is loaded; `component list` shows those that are.".formatted(spec.name()));
        }
        if (found.size() > 1) {
            throw new ComponentException(
                    Kind.NOT_FOUND,
                    "Several versions of %s are loaded: %s. Name one."
                            .formatted(
                                    spec.name(),
                                    found.stream().map(ComponentRecord::key).toList()));
        }
        return found.get(0);
    }

    private Draft unload(Change change, ComponentSpec spec, NodeSet set, Map<String, List<String>> held)
            throws ComponentException {
        ComponentRecord component = only(set, spec);
        List<String> holders = new ArrayList<>(component.wishes());
        holders.remove(change.holder());
        holders.addAll(held.getOrDefault(component.key(), List.of()));
        if (!holders.isEmpty() && !change.force()) {
            throw new ComponentException(
                    Kind.HELD,
                    "%s stays: it is held by %s. `component why %s` tells more; `component unload --force` unloads it all the same."
                            .formatted(component.key(), String.join(", ", holders), component.name()));
        }
        var others = new HashMap<>(set.components());
        others.remove(component.key());
        List<BundleRevision> present = installed.present(Set.of());
        var graph = new DependencyGraph(present);
        List<Bundle> remove = Closures.unneeded(graph, present, others.values(), null);
        return new Draft(
                plan(change, set, component.name(), "", List.of(), remove, List.of(), List.of()),
                Optional.empty(),
                Optional.of(component),
                List.of(),
                remove,
                false);
    }

    private Draft unchanged(Change change, NodeSet set, ComponentRecord component, List<String> warnings) {
        ComponentRecord held =
                change.kind() == Change.Kind.LOAD && !change.holder().isEmpty()
                        ? component.withWish(change.holder())
                        : component;
        List<String> keep = component.bundles().stream().map(set::id).toList();
        return new Draft(
                plan(change, set, component.name(), component.version(), List.of(), List.of(), keep, warnings),
                Optional.of(held),
                Optional.empty(),
                List.of(),
                List.of(),
                false);
    }

    private Draft install(Change change, ComponentSpec spec, NodeSet set, Optional<ComponentRecord> replaced)
            throws ComponentException {
        Set<String> without = replaced.map(old -> Set.of(old.root())).orElse(Set.of());
        List<BundleRevision> present = installed.present(without);
        Resolution resolution = resolve(spec, present, without, rejected(change, spec, set));
        Resource root = resolution.roots().get(0);
        if (root instanceof BundleRevision revision
                && InstalledBundles.digest(revision.getBundle()).isEmpty()) {
            throw new ComponentException(
                    Kind.HELD, "%s is part of the core and always there.".formatted(DependencyGraph.id(root)));
        }
        List<BundleRevision> before = installed.present(Set.of());
        Set<Resource> leaving = new HashSet<>(before);
        leaving.removeAll(present);
        Collection<Resource> after = new LinkedHashSet<>(before);
        after.addAll(resolution.install().keySet());
        var graph = new DependencyGraph(after, resolution.wires(), leaving);
        Map<Resource, BundleRef> refs = new HashMap<>(resolution.install());
        for (BundleRevision revision : present) {
            InstalledBundles.digest(revision.getBundle())
                    .map(set.bundles()::get)
                    .ifPresent(ref -> refs.put(revision, ref));
        }
        List<String> closure = graph.closure(root).stream()
                .filter(refs::containsKey)
                .map(r -> refs.get(r).sha256())
                .toList();
        ComponentRecord subject = record(change, set, root, refs.get(root).sha256(), closure, replaced);
        var remaining = new HashMap<>(set.components());
        replaced.ifPresent(old -> remaining.remove(old.key()));
        List<Bundle> remove =
                replaced.isEmpty() ? List.of() : Closures.unneeded(graph, before, remaining.values(), root);
        List<BundleRef> install = graph.inStartOrder(resolution.install().keySet()).stream()
                .map(refs::get)
                .toList();
        List<String> keep = closure.stream()
                .filter(d -> install.stream().noneMatch(ref -> ref.sha256().equals(d)))
                .map(set::id)
                .toList();
        return new Draft(
                plan(change, set, subject.name(), subject.version(), install, remove, keep, resolution.warnings()),
                Optional.of(subject),
                replaced,
                install,
                remove,
                replaced.isPresent() && singleton(root));
    }

    /// A component by its capability; where no such is known, a bundle by its symbolic name.
    private Resolution resolve(
            ComponentSpec spec, List<BundleRevision> present, Set<String> without, Map<String, Rejected> rejected)
            throws ComponentException {
        String namespace = isComponent(spec.name(), present) ? COMPONENT : IDENTITY;
        String filter = "(&(" + namespace + "=" + spec.name() + ")" + versions(spec.range()) + ")";
        Set<String> avoid = new HashSet<>(without);
        avoid.addAll(rejected.keySet());
        var request = new RepositoryIndex.Request(
                List.of(namespace + ";filter:=\"" + filter + "\""), present, InstalledBundles.wirings(present), avoid);
        try {
            return index.resolve(request);
        } catch (Unresolvable e) {
            for (Rejected one : rejected.values()) {
                if (one.matches(spec)) {
                    throw new ComponentException(Kind.REJECTED, explain(one) + ".", e);
                }
            }
            throw new ComponentException(
                    Kind.UNRESOLVABLE, "%s cannot be loaded: %s.".formatted(spec.name(), e.getMessage()), e);
        }
    }

    private boolean isComponent(String name, List<BundleRevision> present) {
        return present.stream()
                        .flatMap(r -> r.getCapabilities(COMPONENT).stream())
                        .anyMatch(c -> name.equals(c.getAttributes().get(COMPONENT)))
                || index.search(name).stream()
                        .anyMatch(ref ->
                                index.componentOf(ref).filter(name::equals).isPresent());
    }

    private static String versions(VersionRange range) {
        if (range.getRight() == null && range.getLeft().equals(Version.emptyVersion)) {
            return "";
        }
        return range.toFilterString("version");
    }

    private static ComponentRecord record(
            Change change,
            NodeSet set,
            Resource root,
            String digest,
            List<String> closure,
            Optional<ComponentRecord> replaced) {
        String name = DependencyGraph.id(root).split(" ")[0];
        String version = DependencyGraph.version(root).toString();
        for (Capability capability : root.getCapabilities(COMPONENT)) {
            name = String.valueOf(capability.getAttributes().get(COMPONENT));
            version = String.valueOf(capability.getAttributes().getOrDefault("version", version));
        }
        // There is no way back to what was taken back.
        Optional<ComponentRecord> previous =
                replaced.filter(old -> !set.rejected().containsKey(old.root()));
        ComponentRecord before = set.components().get(ComponentRecord.key(name, version));
        List<String> wishes =
                replaced.map(ComponentRecord::wishes).orElse(before == null ? List.of() : before.wishes());
        var fresh = new ComponentRecord(
                name,
                version,
                digest,
                closure,
                wishes,
                replaced.map(ComponentRecord::pinned).orElse(before != null && before.pinned()),
                false,
                previous.map(ComponentRecord::version).orElse(""),
                previous.map(ComponentRecord::bundles).orElse(List.of()));
        return replaced.isEmpty() && !change.holder().isEmpty() ? fresh.withWish(change.holder()) : fresh;
    }

    private static boolean singleton(Resource root) {
        return root.getCapabilities(IDENTITY).stream()
                .anyMatch(c -> "true".equals(c.getDirectives().get("singleton")));
    }

    private Plan plan(
            Change change,
            NodeSet set,
            String component,
            String version,
            List<BundleRef> install,
            List<Bundle> remove,
            List<String> keep,
            List<String> warnings) {
        List<BundleRef> fetch =
                install.stream().filter(ref -> !store.contains(ref.sha256())).toList();
        return new Plan(
                change,
                set.generation(),
                component,
                version,
                fetch.stream().map(BundleRef::id).toList(),
                fetch.stream().mapToLong(BundleRef::size).sum(),
                install.stream().map(BundleRef::id).toList(),
                remove.stream().map(Planner::id).toList(),
                keep,
                InstalledBundles.refreshable(remove, installed.wiring()).stream()
                        .map(Planner::id)
                        .toList(),
                List.of(),
                warnings);
    }

    static String id(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }
}
