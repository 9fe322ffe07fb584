package network.mycelium.repository.provider;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.repository.BundleRef;
import org.osgi.framework.Version;

/// All bundles of the trusted indexes at one moment, for lookup and resolution. Immutable; safe from any thread.
final class IndexCatalog {
    private final List<IndexedResource> sorted;
    private final Map<String, IndexedResource> byDigest = new HashMap<>();
    private final IndexResolver resolver;

    IndexCatalog(List<IndexedResource> resources) {
        Map<IndexedResource, Version> versions = new HashMap<>();
        resources.forEach(r -> versions.put(r, Version.parseVersion(r.ref().version())));
        sorted = resources.stream()
                .sorted(Comparator.comparing((IndexedResource r) -> r.ref().symbolicName())
                        .thenComparing(versions::get, Comparator.reverseOrder())
                        .thenComparing(r -> r.ref().sha256()))
                .toList();
        sorted.forEach(r -> byDigest.putIfAbsent(r.ref().sha256(), r));
        resolver = new IndexResolver(sorted);
    }

    IndexResolver resolver() {
        return resolver;
    }

    List<BundleRef> search(String text) {
        return sorted.stream()
                .filter(r -> r.ref().symbolicName().contains(text)
                        || r.component().filter(name -> name.contains(text)).isPresent())
                .map(IndexedResource::ref)
                .toList();
    }

    Optional<String> componentOf(BundleRef bundle) {
        return Optional.ofNullable(byDigest.get(bundle.sha256())).flatMap(IndexedResource::component);
    }
}
