package network.mycelium.repository.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.mycelium.repository.BundleRef;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.resource.Capability;

/// All bundles of the trusted indexes at one moment, for lookup and resolution. Immutable; safe from any thread.
final class IndexCatalog extends CapabilityLookup {
    private final List<CompactIndex> indexes;

    IndexCatalog(List<CompactIndex> indexes) {
        this.indexes = indexes;
    }

    /// Whether it is made of these very indexes.
    boolean isOf(List<CompactIndex> others) {
        return indexes.equals(others);
    }

    List<BundleRef> search(String text) {
        return indexes.stream()
                .flatMap(index -> index.search(text).stream())
                .sorted(IndexedResource.ORDER)
                .map(IndexedResource::ref)
                .toList();
    }

    Optional<String> componentOf(BundleRef bundle) {
        return offering(IdentityNamespace.IDENTITY_NAMESPACE, bundle.symbolicName())
                .filter(r -> r.ref().sha256().equals(bundle.sha256()))
                .findFirst()
                .flatMap(IndexedResource::component);
    }

    @Override
    List<Capability> all(String namespace) {
        return offering(namespace, "")
                .flatMap(r -> r.getCapabilities(namespace).stream())
                .toList();
    }

    @Override
    List<Capability> named(String namespace, String value) {
        return offering(namespace, value)
                .flatMap(r -> r.getCapabilities(namespace).stream())
                .filter(c -> value.equals(c.getAttributes().get(namespace)))
                .toList();
    }

    private Stream<IndexedResource> offering(String namespace, String value) {
        List<IndexedResource> found = new ArrayList<>();
        indexes.forEach(index -> found.addAll(index.offering(namespace, value)));
        // Each index has its own in order.
        if (indexes.size() > 1) {
            found.sort(IndexedResource.ORDER);
        }
        return found.stream();
    }
}
