package network.mycelium.repository.provider;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// Fetches bundles into the [BundleCache] in `cache/bundles/`. A bundle goes from its source through a file beside its
/// place, is checked there, and is moved in when it is right: it is never in memory as a whole.
@Component(configurationPid = DiskBundleStore.PID)
@Designate(ocd = DiskBundleStore.Config.class)
public final class DiskBundleStore implements BundleStore {
    static final String PID = "network.mycelium.repository.cache";
    private static final Logger LOG = System.getLogger(DiskBundleStore.class.getName());
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int BUFFER = 64 << 10;

    @ObjectClassDefinition(name = "Bundle cache")
    @interface Config {
        @AttributeDefinition(description = "Bytes that the cache may take; what is pinned or in use may exceed it")
        long quota_bytes() default 256L << 20;

        @AttributeDefinition(description = "Hours after which an unused bundle is removed")
        long retention_hours() default 30 * 24;
    }

    private final BundleCache cache;
    private final BoundedCache<BundleRef, Boolean> verified = new BoundedCache<>(10_000);
    /// Sorted by rank, the highest first; replaced as a whole.
    private volatile List<RankedSource> sources = List.of();

    private record RankedSource(BundleSource source, int ranking) {}

    @Activate
    public DiskBundleStore(BundleContext context, Config config) throws IOException {
        this(new BundleCache(
                Path.of(context.getProperty("mycelium.home"), "cache", "bundles"),
                config.quota_bytes(),
                Duration.ofHours(config.retention_hours()),
                InstantSource.system()));
    }

    DiskBundleStore(BundleCache cache) {
        this.cache = cache;
    }

    /// Whoever uses the cache goes on.
    @Modified
    void modified(Config changed) {
        cache.limit(changed.quota_bytes(), Duration.ofHours(changed.retention_hours()));
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
        return Files.exists(cache.file(sha256));
    }

    @Override
    public Loaded load(BundleRef bundle, LongConsumer progress) throws RepositoryException {
        checkSignature(bundle);
        Path file = cache.file(bundle.sha256());
        String source = cache.has(bundle) ? "cache" : fetch(bundle, progress);
        return new Loaded(source, () -> new VerifiedStream(Files.newInputStream(file), bundle));
    }

    /// @return the name of the source that had it
    private String fetch(BundleRef bundle, LongConsumer progress) throws RepositoryException {
        List<String> failures = new ArrayList<>();
        for (RankedSource ranked : sources) {
            BundleSource source = ranked.source();
            if (!source.mayHave(bundle)) {
                continue;
            }
            try (InputStream in = source.open(bundle)) {
                receive(bundle, in, progress);
                LOG.log(Level.INFO, "{0} fetched from {1}, {2} bytes", bundle.id(), source.name(), bundle.size());
                return source.name();
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new RepositoryException(
                            Kind.UNAVAILABLE, "The fetch of %s was cancelled.".formatted(bundle.id()), e);
                }
                failures.add(source.name() + ": " + e.getMessage());
                LOG.log(Level.WARNING, "{0} not from {1}: {2}", bundle.id(), source.name(), e.toString());
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

    /// @throws IOException if the source breaks off or gives something else
    private void receive(BundleRef bundle, InputStream in, LongConsumer progress)
            throws IOException, RepositoryException {
        Path incoming = AtomicFiles.temporary(cache.folder());
        try {
            copy(bundle, new VerifiedStream(in, bundle), incoming, progress);
            checkContent(bundle, incoming);
            try {
                AtomicFiles.move(incoming, cache.file(bundle.sha256()));
                cache.trim(bundle.sha256());
            } catch (IOException e) {
                throw unwritable(bundle, e);
            }
        } finally {
            Files.deleteIfExists(incoming);
        }
    }

    private void copy(BundleRef bundle, InputStream in, Path file, LongConsumer progress)
            throws IOException, RepositoryException {
        try (FileChannel out = create(bundle, file)) {
            byte[] buffer = new byte[BUFFER];
            long received = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new IOException("cancelled after %d of %d bytes".formatted(received, bundle.size()));
                }
                write(bundle, out, ByteBuffer.wrap(buffer, 0, n));
                received += n;
                progress.accept(received);
            }
            sync(bundle, out);
        }
    }

    private FileChannel create(BundleRef bundle, Path file) throws RepositoryException {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritable(bundle, e);
        }
    }

    private void write(BundleRef bundle, FileChannel out, ByteBuffer bytes) throws RepositoryException {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw unwritable(bundle, e);
        }
    }

    private void sync(BundleRef bundle, FileChannel out) throws RepositoryException {
        try {
            out.force(true);
        } catch (IOException e) {
            throw unwritable(bundle, e);
        }
    }

    private RepositoryException unwritable(BundleRef bundle, IOException e) {
        return new RepositoryException(
                Kind.STORAGE,
                "The bundle %s cannot be written to %s: %s. Free some space or lower the quota in %s."
                        .formatted(bundle.id(), cache.folder(), e, PID),
                e);
    }

    @Override
    public Optional<SeekableByteChannel> open(String sha256) throws IOException {
        if (!DIGEST.matcher(sha256).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.newByteChannel(cache.file(sha256)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
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
    private static void checkContent(BundleRef bundle, Path file) throws IOException, RepositoryException {
        Map<String, String> headers;
        try (InputStream in = Files.newInputStream(file)) {
            headers = BundleInspector.inspect(bundle.id(), in);
        }
        String name =
                headers.get(Constants.BUNDLE_SYMBOLICNAME).split(";", 2)[0].strip();
        String version = headers.getOrDefault(Constants.BUNDLE_VERSION, "0").strip();
        if (!name.equals(bundle.symbolicName())
                || !Version.parseVersion(version).toString().equals(bundle.version())) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The bundle %s is refused: its manifest says %s %s.".formatted(bundle.id(), name, version));
        }
    }

    @Override
    public void retain(String owner, List<String> sha256s) {
        cache.retain(owner, sha256s);
    }

    @Override
    public void pin(String sha256, boolean pinned) throws RepositoryException {
        try {
            cache.pin(sha256, pinned);
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    @Override
    public List<Cached> contents() throws RepositoryException {
        try {
            return cache.contents();
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    @Override
    public long trim() throws RepositoryException {
        try {
            return cache.trim("");
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private RepositoryException unusable(IOException e) {
        return new RepositoryException(
                Kind.STORAGE, "The bundle cache %s cannot be used: %s.".formatted(cache.folder(), e), e);
    }
}
