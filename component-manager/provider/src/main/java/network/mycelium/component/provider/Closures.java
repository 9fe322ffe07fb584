package network.mycelium.component.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Resource;

/// What components consist of, by what their bundles need: the closures of their roots.
final class Closures {
    private Closures() {}

    /// Bundles of components that none of the given components needs any more, those that use others first.
    ///
    /// @param newRoot root of the component that comes, or null
    static List<Bundle> unneeded(
            DependencyGraph graph,
            List<BundleRevision> present,
            Collection<ComponentRecord> staying,
            Resource newRoot) {
        Map<String, BundleRevision> byDigest = new HashMap<>();
        present.forEach(r -> InstalledBundles.digest(r.getBundle()).ifPresent(d -> byDigest.put(d, r)));
        Set<Resource> needed = new HashSet<>();
        if (newRoot != null) {
            needed.addAll(graph.closure(newRoot));
        }
        for (ComponentRecord component : staying) {
            BundleRevision root = byDigest.get(component.root());
            if (root != null && !component.quarantined()) {
                needed.addAll(graph.closure(root));
            }
            if (root == null || root.getWiring() == null) {
                // Something of it is missing, so what it needs cannot be seen; it needs what it did.
                component.bundles().stream()
                        .map(byDigest::get)
                        .filter(Objects::nonNull)
                        .forEach(needed::add);
            }
        }
        List<Resource> unneeded = new ArrayList<>(byDigest.values());
        unneeded.removeAll(needed);
        List<Resource> inOrder = new DependencyGraph(present).inStartOrder(unneeded);
        return inOrder.reversed().stream()
                .map(r -> ((BundleRevision) r).getBundle())
                .toList();
    }

    /// The closure of each component as it is now, by its key; components in quarantine have none.
    ///
    /// @param removed what went because nobody needs it; what else is missing of a component stays in its closure
    static Map<String, List<String>> of(InstalledBundles installed, NodeSet set, Set<String> removed) {
        List<BundleRevision> present = installed.present(Set.of());
        var graph = new DependencyGraph(present);
        Map<String, BundleRevision> byDigest = new HashMap<>();
        present.forEach(r -> InstalledBundles.digest(r.getBundle()).ifPresent(d -> byDigest.put(d, r)));
        Map<String, List<String>> closures = new HashMap<>();
        for (ComponentRecord component : set.components().values()) {
            BundleRevision root = byDigest.get(component.root());
            if (root == null || component.quarantined()) {
                continue;
            }
            boolean whole = root.getWiring() != null;
            Set<String> closure = new LinkedHashSet<>();
            component.bundles().stream()
                    .filter(d -> !removed.contains(d) && !(whole && byDigest.containsKey(d)))
                    .forEach(closure::add);
            graph.closure(root).stream()
                    .map(r -> InstalledBundles.digest(((BundleRevision) r).getBundle()))
                    .flatMap(Optional::stream)
                    .forEach(closure::add);
            closures.put(component.key(), List.copyOf(closure));
        }
        return closures;
    }
}
