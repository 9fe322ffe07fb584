package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryIndex;

/// What the indexes list: versions, newest first, by the names of components, and by those of other bundles.
record Offers(SortedMap<String, List<String>> components, Map<String, List<String>> bundles) {
    static Offers of(RepositoryIndex indexes) {
        SortedMap<String, List<String>> components = new TreeMap<>();
        Map<String, List<String>> bundles = new TreeMap<>();
        for (BundleRef ref : indexes.search("")) {
            Optional<String> component = indexes.componentOf(ref);
            add(component.isPresent() ? components : bundles, component.orElse(ref.symbolicName()), ref.version());
        }
        return new Offers(components, bundles);
    }

    private static void add(Map<String, List<String>> to, String name, Object version) {
        to.computeIfAbsent(name, n -> new ArrayList<>()).add(version.toString());
    }

    List<String> versions(String name) {
        return components.getOrDefault(name, bundles.getOrDefault(name, List.of()));
    }
}
