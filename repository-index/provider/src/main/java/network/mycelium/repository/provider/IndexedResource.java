package network.mycelium.repository.provider;

import java.util.Optional;
import network.mycelium.repository.BundleRef;
import org.apache.felix.utils.resource.ResourceImpl;

/// A bundle of an index, with its capabilities and requirements. Identity is by object: the resolver puts
/// resources into many hash maps, and the indexes hold each bundle once.
final class IndexedResource extends ResourceImpl {
    private BundleRef ref;
    private String component;

    BundleRef ref() {
        return ref;
    }

    void ref(BundleRef value) {
        ref = value;
    }

    /// Name of the component whose root it is, if it is one.
    Optional<String> component() {
        if (component == null) {
            component = getCapabilities(IndexDocument.COMPONENT_NAMESPACE).stream()
                    .map(c -> String.valueOf(c.getAttributes().get(IndexDocument.COMPONENT_NAMESPACE)))
                    .findFirst()
                    .orElse("");
        }
        return Optional.of(component).filter(name -> !name.isEmpty());
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return ref == null ? "(unread)" : ref.id();
    }
}
