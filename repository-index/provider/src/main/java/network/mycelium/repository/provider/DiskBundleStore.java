package network.mycelium.repository.provider;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import network.mycelium.files.AtomicFiles;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleSource;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The cache in `cache/bundles/`, one file a bundle, named by its digest. A file's modification time is its last
/// use. A pin is an empty file `<digest>.pin`.
@Component(configurationPid = DiskBundleStore.PID)
@Designate(ocd = DiskBundleStore.Config.class)
public final class DiskBundleStore implements BundleStore {
    static final String PID = "network.mycelium.repository.cache";
    private static final Logger LOG = System.getLogger(DiskBundleStore.class.getName());
    private static final String SUFFIX = ".jar";
    private static final String PIN = ".pin";
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    @ObjectClassDefinition(name = "Bundle cache")
    @interface Config {
        @AttributeDefinition(description = "Bytes that the cache may take; what is pinned or in use may exceed it")
        long quota_bytes() default 256L << 20;

        @AttributeDefinition(description = "Hours after which an unused bundle is removed")
        long retention_hours() default 30 * 24;
    }

    private final Path dir;
    private final Config config;
    private final BoundedCache<BundleRef, Boolean> verified = new BoundedCache<>(10_000);
    private final Map<String, Set<String>> retained = new ConcurrentHashMap<>();
    /// Sorted by rank, the highest first; replaced as a whole.
    private volatile List<RankedSource> sources = List.of();

    private record RankedSource(BundleSource source, int ranking) {}

    @Activate
    public DiskBundleStore(BundleContext context, Config config) throws IOException {
        this.dir = Path.of(context.getProperty("mycelium.home"), "cache", "bundles");
        this.config = config;
        Files.createDirectories(dir);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    synchronized void addSource(BundleSource source, Map<String, Object> properties) {
        var all = new ArrayList<>(sources);
        all.add(new RankedSource(
                source, properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0));
        all.sort(Comparator.comparingInt(RankedSource::ranking).reversed());
        sources = List.copyOf(all);
    }

    synchronized void removeSource(BundleSource source) {
        sources = sources.stream().filter(s -> s.source() != source).toList();
    }

    @Override
    public boolean contains(String sha256) {
        return Files.exists(file(sha256));
    }

    @Override
    public Loaded load(BundleRef bundle, LongConsumer progress) throws RepositoryException {
        byte[] bytes = fromCache(bundle);
        if (bytes != null) {
            checkSignature(bundle);
            return new Loaded(bytes, "cache");
        }
        List<String> failures = new ArrayList<>();
        for (RankedSource ranked : sources) {
            if (!ranked.source().mayHave(bundle)) {
                continue;
            }
            try (InputStream in = ranked.source().open(bundle)) {
                bytes = receive(bundle, in, progress);
                checkSignature(bundle);
                checkContent(bundle, bytes);
                keep(bundle, bytes);
                LOG.log(
                        Level.INFO,
                        "{0} fetched from {1}, {2} bytes",
                        bundle.id(),
                        ranked.source().name(),
                        bytes.length);
                return new Loaded(bytes, ranked.source().name());
            } catch (IOException e) {
                failures.add(ranked.source().name() + ": " + e.getMessage());
                LOG.log(
                        Level.WARNING,
                        "{0} not from {1}: {2}",
                        bundle.id(),
                        ranked.source().name(),
                        e.toString());
            }
        }
        throw new RepositoryException(
                Kind.UNAVAILABLE,
                "The bundle %s (sha256 %s) cannot be had: %s. Check the source with `repo list`, or import an archive."
                        .formatted(
                                bundle.id(),
                                bundle.sha256(),
                                failures.isEmpty()
                                        ? "it is not cached and no source is known"
                                        : String.join("; ", failures)));
    }

    @Override
    public Optional<SeekableByteChannel> open(String sha256) throws IOException {
        if (!DIGEST.matcher(sha256).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.newByteChannel(file(sha256)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// @return null if it is not there, or was corrupt and is gone now
    private byte[] fromCache(BundleRef bundle) {
        Path file = file(bundle.sha256());
        try {
            if (Files.size(file) == bundle.size()) {
                byte[] bytes = Files.readAllBytes(file);
                if (Digests.sha256(bytes).equals(bundle.sha256())) {
                    touch(file);
                    return bytes;
                }
            }
            LOG.log(Level.WARNING, "the cache entry of {0} is corrupt and is fetched again", bundle.id());
            Files.deleteIfExists(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the cache entry of " + bundle.id() + " cannot be read", e);
        }
        return null;
    }

    private static void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
        } catch (IOException e) {
            // A read-only disk: the bundle can still be used, only its place in the order of eviction is old.
            LOG.log(Level.DEBUG, "cannot note the use of {0}: {1}", file, e.toString());
        }
    }

    private static byte[] receive(BundleRef bundle, InputStream in, LongConsumer progress) throws IOException {
        int size = (int) bundle.size();
        byte[] bytes = new byte[size];
        int at = 0;
        while (at < size) {
            int n = in.read(bytes, at, Math.min(64 << 10, size - at));
            if (n < 0) {
                throw new IOException("it ended after %d of %d bytes".formatted(at, size));
            }
            at += n;
            progress.accept(at);
        }
        if (in.read() >= 0) {
            throw new IOException("it is longer than the %d bytes that the index says".formatted(size));
        }
        if (!Digests.sha256(bytes).equals(bundle.sha256())) {
            throw new IOException("its digest is not the one in the index");
        }
        return bytes;
    }

    private void checkSignature(BundleRef bundle) throws RepositoryException {
        // The same statement with the same signature by the same key is as good as before.
        if (bundle.publisher().isEmpty() || Boolean.TRUE.equals(verified.get(bundle))) {
            return;
        }
        byte[] signature;
        try {
            signature = Base64.getDecoder().decode(bundle.signature());
        } catch (IllegalArgumentException e) {
            signature = new byte[0];
        }
        byte[] statement = BundleStatement.of(bundle.symbolicName(), bundle.version(), bundle.size(), bundle.sha256());
        if (!Ed25519.verify(bundle.publisher().get(), BundleStatement.CONTEXT, statement, signature)) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The bundle %s is refused: the signature in the index is not by its publisher %s."
                            .formatted(bundle.id(), bundle.publisher().get()));
        }
        verified.computeIfAbsent(bundle, b -> true);
    }

    /// The digest says that these are the publisher's bytes; this says that they are the bundle they claim to be.
    private static void checkContent(BundleRef bundle, byte[] bytes) throws RepositoryException {
        var headers = BundleInspector.inspect(bundle.id(), bytes);
        String name =
                headers.get(Constants.BUNDLE_SYMBOLICNAME).split(";", 2)[0].strip();
        String version = headers.getOrDefault(Constants.BUNDLE_VERSION, "0").strip();
        if (!name.equals(bundle.symbolicName())
                || !org.osgi.framework.Version.parseVersion(version).toString().equals(bundle.version())) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The bundle %s is refused: its manifest says %s %s.".formatted(bundle.id(), name, version));
        }
    }

    private void keep(BundleRef bundle, byte[] bytes) throws RepositoryException {
        try {
            AtomicFiles.write(file(bundle.sha256()), bytes);
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE,
                    "The bundle %s cannot be written to %s: %s. Free some space or lower the quota in %s."
                            .formatted(bundle.id(), dir, e, PID),
                    e);
        }
        trim(bundle.sha256());
    }

    @Override
    public void retain(String owner, List<String> sha256s) {
        retained.put(owner, Set.copyOf(sha256s));
    }

    @Override
    public void pin(String sha256, boolean pinned) throws RepositoryException {
        try {
            if (pinned) {
                Files.write(dir.resolve(sha256 + PIN), new byte[0]);
            } else {
                Files.deleteIfExists(dir.resolve(sha256 + PIN));
            }
        } catch (IOException e) {
            throw storage(e);
        }
    }

    @Override
    public List<Cached> contents() throws RepositoryException {
        List<Cached> contents = new ArrayList<>();
        try (var files = Files.newDirectoryStream(dir, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String sha256 = name.substring(0, name.length() - SUFFIX.length());
                contents.add(new Cached(
                        sha256,
                        Files.size(file),
                        Files.getLastModifiedTime(file).toMillis(),
                        Files.exists(dir.resolve(sha256 + PIN))));
            }
        } catch (IOException e) {
            throw storage(e);
        }
        contents.sort(Comparator.comparingLong(Cached::lastUsed).thenComparing(Cached::sha256));
        return contents;
    }

    @Override
    public long trim() throws RepositoryException {
        return trim("");
    }

    private synchronized long trim(String justAdded) throws RepositoryException {
        Set<String> keep = new HashSet<>(Set.of(justAdded));
        retained.values().forEach(keep::addAll);
        List<Cached> oldestFirst = contents();
        long total = oldestFirst.stream().mapToLong(Cached::size).sum();
        long expiry = System.currentTimeMillis()
                - Duration.ofHours(config.retention_hours()).toMillis();
        long freed = 0;
        for (Cached cached : oldestFirst) {
            boolean goes = cached.lastUsed() < expiry || total - freed > config.quota_bytes();
            if (goes && !cached.pinned() && !keep.contains(cached.sha256())) {
                try {
                    Files.deleteIfExists(file(cached.sha256()));
                } catch (IOException e) {
                    throw storage(e);
                }
                LOG.log(Level.INFO, "removed {0} from the cache, {1} bytes", cached.sha256(), cached.size());
                freed += cached.size();
            }
        }
        return freed;
    }

    private Path file(String sha256) {
        return dir.resolve(sha256 + SUFFIX);
    }

    private RepositoryException storage(IOException e) {
        return new RepositoryException(Kind.STORAGE, "The bundle cache %s cannot be used: %s.".formatted(dir, e), e);
    }
}
