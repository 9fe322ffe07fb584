package network.mycelium.component.provider;

import java.io.ByteArrayInputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.RepositoryException;

/// Bundles of tests. What is not cached comes from a source that can be made to fail, or to take its time.
final class MemoryStore implements BundleStore {
    final Map<String, byte[]> source = new HashMap<>();
    final Set<String> cached = new HashSet<>();
    final Map<String, List<String>> retained = new HashMap<>();
    final List<String> loads = new ArrayList<>();
    /// What happens while bytes come from the source.
    LongConsumer onTheWay = received -> {};

    RepositoryException.Kind failure;

    @Override
    public boolean contains(String sha256) {
        return cached.contains(sha256);
    }

    @Override
    public Loaded load(BundleRef bundle, LongConsumer progress) throws RepositoryException {
        loads.add(bundle.id());
        boolean fetched = !contains(bundle.sha256());
        byte[] bytes = source.get(bundle.sha256());
        if (fetched) {
            if (failure != null || bytes == null) {
                throw new RepositoryException(
                        failure == null ? RepositoryException.Kind.UNAVAILABLE : failure,
                        "The bundle " + bundle.id() + " cannot be had.");
            }
            onTheWay.accept(bytes.length / 2);
            progress.accept(bytes.length / 2);
            progress.accept(bytes.length);
            cached.add(bundle.sha256());
        }
        return new Loaded(fetched ? "source" : "cache", () -> new ByteArrayInputStream(bytes));
    }

    @Override
    public Optional<SeekableByteChannel> open(String sha256) {
        return Optional.empty();
    }

    @Override
    public void retain(String owner, List<String> sha256s) {
        retained.put(owner, sha256s);
    }

    @Override
    public void pin(String sha256, boolean pinned) {
        // Nothing goes here.
    }

    @Override
    public List<Cached> contents() {
        return List.of();
    }

    @Override
    public long trim() {
        return 0;
    }
}
