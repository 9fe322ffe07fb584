package network.mycelium.repository.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.files.AtomicFiles;
import network.mycelium.files.Sha256;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleStore.Cached;

/// The folder of verified bundles: one file a bundle, named by its digest. A file's modification time is its last use.
/// A pin is an empty file `<digest>.pin`. What is retained or pinned never goes; of the rest what is unused for longer
/// than the retention time, then the least recently used until the quota is kept. Safe from any thread.
final class BundleCache {
    private static final Logger LOG = System.getLogger(BundleCache.class.getName());
    private static final String SUFFIX = ".jar";
    private static final String PIN = ".pin";

    private final Path folder;
    private volatile long quota;
    private volatile Duration retention;
    private final InstantSource clock;
    private final Map<String, Set<String>> retained = new ConcurrentHashMap<>();

    /// @param quota in bytes
    /// @param retention how long an unused bundle stays
    BundleCache(Path folder, long quota, Duration retention, InstantSource clock) throws IOException {
        this.folder = folder;
        this.quota = quota;
        this.retention = retention;
        this.clock = clock;
        AtomicFiles.createFolders(folder);
        int left = AtomicFiles.clean(folder);
        if (left > 0) {
            LOG.log(Level.INFO, "removed {0} bundles from {1} that came in part before the node ended", left, folder);
        }
    }

    /// From the next time on that something goes.
    void limit(long newQuota, Duration newRetention) {
        quota = newQuota;
        retention = newRetention;
    }

    Path folder() {
        return folder;
    }

    Path file(String sha256) {
        return folder.resolve(sha256 + SUFFIX);
    }

    /// Whether the bundle is there; a file that is not the bundle is removed, and one that is counts as used now.
    boolean has(BundleRef bundle) {
        Path file = file(bundle.sha256());
        try {
            if (Files.size(file) == bundle.size() && Sha256.of(file).equals(bundle.sha256())) {
                touch(file);
                return true;
            }
            LOG.log(Level.WARNING, "the cache entry of {0} is corrupt and is fetched again", bundle.id());
            AtomicFiles.delete(file);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the cache entry of " + bundle.id() + " cannot be read", e);
        }
        return false;
    }

    private void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        } catch (IOException e) {
            // A read-only disk: the bundle can still be used, only its place in the order of eviction is
            // old.
            LOG.log(Level.DEBUG, "cannot note the use of {0}: {1}", file, e.toString());
        }
    }

    void retain(String owner, List<String> sha256s) {
        if (sha256s.isEmpty()) {
            retained.remove(owner);
        } else {
            retained.put(owner, Set.copyOf(sha256s));
        }
    }

    void pin(String sha256, boolean pinned) throws IOException {
        Path pin = folder.resolve(sha256 + PIN);
        if (pinned) {
            AtomicFiles.write(pin, "");
        } else {
            AtomicFiles.delete(pin);
        }
    }

    /// The least recently used first.
    List<Cached> contents() throws IOException {
        List<Cached> contents = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String sha256 = name.substring(0, name.length() - SUFFIX.length());
                contents.add(new Cached(
                        sha256,
                        Files.size(file),
                        Files.getLastModifiedTime(file).toMillis(),
                        Files.exists(folder.resolve(sha256 + PIN))));
            }
        }
        contents.sort(Comparator.comparingLong(Cached::lastUsed).thenComparing(Cached::sha256));
        return contents;
    }

    /// @param justAdded a digest that stays whatever the quota says, or empty
    /// @return bytes freed
    synchronized long trim(String justAdded) throws IOException {
        Set<String> keep = new HashSet<>(Set.of(justAdded));
        retained.values().forEach(keep::addAll);
        List<Cached> oldestFirst = contents();
        long total = oldestFirst.stream().mapToLong(Cached::size).sum();
        long expiry = clock.instant().minus(retention).toEpochMilli();
        long freed = 0;
        for (Cached cached : oldestFirst) {
            boolean goes = cached.lastUsed() < expiry || total - freed > quota;
            if (goes && !cached.pinned() && !keep.contains(cached.sha256())) {
                Files.deleteIfExists(file(cached.sha256()));
                LOG.log(Level.INFO, "removed {0} from the cache, {1} bytes", cached.sha256(), cached.size());
                freed += cached.size();
            }
        }
        return freed;
    }
}
