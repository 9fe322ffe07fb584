package network.mycelium.component.provider;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import network.mycelium.repository.BundleRef;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/// All that runs on the node beyond its core, as the journal keeps it. Immutable.
///
/// @param generation rises with every change
/// @param components by [ComponentRecord#key]
/// @param bundles what is known of the bundles that components name, by digest
/// @param rejected root bundles that failed too often here, by digest: only force loads them again
record NodeSet(
        long generation,
        Map<String, ComponentRecord> components,
        Map<String, BundleRef> bundles,
        Map<String, Rejected> rejected) {
    static final NodeSet EMPTY = new NodeSet(0, Map.of(), Map.of(), Map.of());

    /// At the bound the oldest is forgotten.
    static final int MAX_REJECTED = 100;

    private static final int MAX_PROBLEM = 1000;

    NodeSet {
        components = Collections.unmodifiableMap(new TreeMap<>(components));
        bundles = Collections.unmodifiableMap(new TreeMap<>(bundles));
        rejected = Collections.unmodifiableMap(new TreeMap<>(rejected));
    }

    /// A root bundle that failed too often on this node, and how.
    ///
    /// @param atMillis since the epoch
    record Rejected(String component, String version, String sha256, String problem, long atMillis) {
        boolean matches(ComponentSpec spec) {
            return component.equals(spec.name()) && spec.range().includes(Version.parseVersion(version));
        }
    }

    /// A loaded component.
    ///
    /// @param root digest of the bundle that provides it
    /// @param bundles digests of all its bundles, the root's too, in the order of their start; none in quarantine
    /// @param wishes who wants it, across restarts
    /// @param previousVersion the version before the last update, or empty
    /// @param previousBundles its digests, kept in the cache for a rollback
    record ComponentRecord(
            String name,
            String version,
            String root,
            List<String> bundles,
            List<String> wishes,
            boolean pinned,
            boolean quarantined,
            String previousVersion,
            List<String> previousBundles) {

        static String key(String name, String version) {
            return name + "@" + version;
        }

        String key() {
            return key(name, version);
        }

        ComponentRecord withBundles(List<String> newBundles) {
            return new ComponentRecord(
                    name, version, root, newBundles, wishes, pinned, quarantined, previousVersion, previousBundles);
        }

        ComponentRecord withWishes(List<String> newWishes) {
            return new ComponentRecord(
                    name, version, root, bundles, newWishes, pinned, quarantined, previousVersion, previousBundles);
        }

        ComponentRecord withWish(String holder) {
            var all = new LinkedHashSet<>(wishes);
            all.add(holder);
            return withWishes(List.copyOf(all));
        }

        ComponentRecord withPinned(boolean value) {
            return new ComponentRecord(
                    name, version, root, bundles, wishes, value, quarantined, previousVersion, previousBundles);
        }

        ComponentRecord inQuarantine() {
            return new ComponentRecord(
                    name, version, root, List.of(), wishes, pinned, true, previousVersion, previousBundles);
        }

        boolean matches(ComponentSpec spec) {
            return name.equals(spec.name()) && spec.range().includes(Version.parseVersion(version));
        }
    }

    /// The loaded components that a spec means, the highest version first.
    List<ComponentRecord> matching(ComponentSpec spec) {
        var found = new ArrayList<>(
                components.values().stream().filter(c -> c.matches(spec)).toList());
        found.sort((a, b) -> Version.parseVersion(b.version()).compareTo(Version.parseVersion(a.version())));
        return found;
    }

    /// The digests that some component runs, in an order in which they can start.
    Set<String> running() {
        Set<String> all = new LinkedHashSet<>();
        components.values().forEach(c -> all.addAll(c.bundles()));
        return all;
    }

    /// The next generation, with the bundles that no component names any more dropped.
    NodeSet next(Map<String, ComponentRecord> newComponents, Map<String, BundleRef> known) {
        Map<String, BundleRef> used = new TreeMap<>();
        for (ComponentRecord c : newComponents.values()) {
            for (List<String> digests : List.of(c.bundles(), c.previousBundles(), List.of(c.root()))) {
                for (String digest : digests) {
                    BundleRef ref = known.get(digest);
                    if (ref != null) {
                        used.put(digest, ref);
                    }
                }
            }
        }
        return new NodeSet(generation + 1, newComponents, used, rejected);
    }

    /// The same set, with the component's root among those that are not loaded again.
    NodeSet rejecting(ComponentRecord component, String problem, long atMillis) {
        Map<String, Rejected> all = new HashMap<>(rejected);
        String shortened = problem.length() <= MAX_PROBLEM ? problem : problem.substring(0, MAX_PROBLEM);
        all.put(
                component.root(),
                new Rejected(component.name(), component.version(), component.root(), shortened, atMillis));
        if (all.size() > MAX_REJECTED) {
            all.remove(all.values().stream()
                    .min(Comparator.comparingLong(Rejected::atMillis))
                    .orElseThrow()
                    .sha256());
        }
        return new NodeSet(generation, components, bundles, all);
    }

    /// The same set, in which the bundle is as good as any other.
    NodeSet trusting(String sha256) {
        Map<String, Rejected> all = new HashMap<>(rejected);
        all.remove(sha256);
        return new NodeSet(generation, components, bundles, all);
    }

    /// Name and version of a bundle. A damaged journal may name one without saying more of it.
    String id(String sha256) {
        BundleRef ref = bundles.get(sha256);
        return ref == null ? "the unknown bundle " + sha256 : ref.id();
    }

    NodeSet replace(ComponentRecord record) {
        Map<String, ComponentRecord> all = new TreeMap<>(components);
        all.put(record.key(), record);
        return next(all, bundles);
    }

    /// What people write to name a component: `NAME`, `NAME@VERSION` or `NAME@RANGE`.
    record ComponentSpec(String name, VersionRange range) {
        static ComponentSpec parse(String spec) {
            int at = spec.indexOf('@');
            String name = at < 0 ? spec : spec.substring(0, at);
            if (!name.matches("[A-Za-z0-9._-]{1,255}")) {
                throw new IllegalArgumentException("a component's name has letters, digits, '.', '_' and '-' only");
            }
            if (at < 0) {
                return new ComponentSpec(name, new VersionRange("0"));
            }
            String versions = spec.substring(at + 1);
            boolean range = versions.startsWith("[") || versions.startsWith("(");
            return new ComponentSpec(name, new VersionRange(range ? versions : "[" + versions + "," + versions + "]"));
        }
    }
}
