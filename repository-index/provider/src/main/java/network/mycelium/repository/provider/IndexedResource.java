package network.mycelium.repository.provider;

import network.mycelium.repository.BundleRef;
import org.apache.felix.utils.resource.ResourceImpl;

/// A bundle of an index, with its capabilities and requirements. Identity is by object: the resolver puts resources
/// into many hash maps, and the indexes hold each bundle once.
final class IndexedResource extends ResourceImpl {
    private BundleRef ref;

    BundleRef ref() {
        return ref;
    }

    void ref(BundleRef value) {
        ref = value;
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
