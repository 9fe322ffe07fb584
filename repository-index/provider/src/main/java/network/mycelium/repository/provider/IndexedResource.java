package network.mycelium.repository.provider;

import java.util.Comparator;
import java.util.Optional;
import network.mycelium.repository.BundleRef;
import org.apache.felix.utils.resource.ResourceImpl;
import org.osgi.framework.Version;

/// A bundle of an index, with its capabilities and requirements. Identity is by object: the resolver puts
/// resources into many hash maps, and the indexes hold each bundle once.
final class IndexedResource extends ResourceImpl {
    /// By name, then newest first.
    static final Comparator<IndexedResource> ORDER = Comparator.comparing(
                    (IndexedResource r) -> r.ref().symbolicName())
            .thenComparing(IndexedResource::version, Comparator.reverseOrder())
            .thenComparing(r -> r.ref().sha256());

    private BundleRef ref;
    private Version version;
    private String component;

    BundleRef ref() {
        return ref;
    }

    void ref(BundleRef value) {
        ref = value;
        version = value == null ? null : Version.parseVersion(value.version());
    }

    private Version version() {
        return version;
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
