package network.mycelium.repository.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import network.mycelium.repository.RepositoryIndex;
import network.mycelium.repository.provider.IndexFetcher.Fetched;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/// The indexes of this node's [TrustedSources], fetched and verified by [IndexFetcher]. The distribution's own
/// repository is always one of them, trusted by the key that the verified core manifest covers.
///
/// Indexes are read when first needed, or in the background after boot, from the copy on this node if there is one: a
/// node starts without its sources.
@Component
public final class IndexRegistry implements RepositoryIndex {
    private static final Logger LOG = System.getLogger(IndexRegistry.class.getName());

    /// What is known of a source's index.
    ///
    /// @param index the last that was accepted, or null
    /// @param expires when it does
    /// @param problem why there is no newer one, or empty
    private record Held(CompactIndex index, Instant expires, String problem) {
        static Held none(String problem) {
            return new Held(null, Instant.MAX, problem);
        }
    }

    private final TrustedSources sources;
    private final IndexFetcher fetcher;
    private final InstantSource clock;
    private AfterBoot afterBoot;
    /// By location; of what is here a source was read, or could not be.
    private final Map<URI, Held> held = new ConcurrentHashMap<>();
    /// Held while missing indexes are read: whoever needs them waits for whoever reads them.
    private final ReentrantLock reading = new ReentrantLock();
    /// Made anew when what it is made of changes.
    private volatile IndexCatalog catalog = new IndexCatalog(List.of());

    @Activate
    public IndexRegistry(BundleContext context) throws IOException {
        this(
                Path.of(context.getProperty("mycelium.home")),
                Optional.ofNullable(context.getProperty("mycelium.dist")).map(Path::of),
                InstantSource.system());
    }

    IndexRegistry(Path home, Optional<Path> dist, InstantSource clock) throws IOException {
        this.sources = new TrustedSources(home.resolve("state/sources"), builtIn(dist));
        this.fetcher = new IndexFetcher(
                new UrlReader(Duration.ofSeconds(10), UrlBundleSource.MINIMUM_BYTES_PER_SECOND),
                home.resolve("cache/indexes"));
        this.clock = clock;
    }

    /// Sources that were added may be large, so they are read ahead once the node is up; the distribution's own is
    /// small.
    @Activate
    void activate(BundleContext context) {
        if (sources.hasAdded()) {
            afterBoot = new AfterBoot(context, "index-read-ahead", this::catalog);
        }
    }

    @Deactivate
    void deactivate() {
        if (afterBoot != null) {
            afterBoot.close();
        }
    }

    private static Optional<TrustedSource> builtIn(Optional<Path> dist) throws IOException {
        Path repository = dist.map(folder -> folder.resolve("repository")).orElse(null);
        if (repository == null || !Files.exists(repository.resolve("publisher"))) {
            return Optional.empty();
        }
        String publisher = Files.readString(repository.resolve("publisher")).strip();
        return Optional.of(new TrustedSource(folder(repository.toUri()), Optional.of(publisher), -1, ""));
    }

    @Override
    public List<Source> sources() {
        readMissing();
        return sources.all().stream().map(this::describe).toList();
    }

    private Source describe(TrustedSource source) {
        Held here = held.getOrDefault(source.location(), Held.none(""));
        return new Source(
                source.location(),
                source.publisher(),
                source.sequence(),
                here.index() == null ? 0 : here.index().size(),
                isExpired(source, here.expires()) ? expired(source, here.expires()) : here.problem());
    }

    /// Whoever stands between this node and a web server could hold newer indexes back for ever. A folder is the
    /// operator's own, or the network's, whose members say which index they use: nobody stands between.
    private boolean isExpired(TrustedSource source, Instant expires) {
        return !source.isFile() && !clock.instant().isBefore(expires);
    }

    private static String expired(TrustedSource source, Instant when) {
        return "The index at %s holds until %s only, so nothing new is loaded from it. Its publisher renews it with `repo publish`; if that was done, somebody holds newer ones back, or this node's clock is wrong."
                .formatted(source.location(), when);
    }

    @Override
    public Source add(URI given, Optional<String> publisher) throws RepositoryException {
        URI location = folder(given);
        if (publisher.isPresent()) {
            try {
                Ed25519.publicKey(publisher.get());
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                throw new RepositoryException(Kind.INVALID, "No publisher's key: " + e.getMessage() + ".", e);
            }
        }
        TrustedSource source = sources.get(location)
                .filter(known -> known.publisher().equals(publisher))
                .orElseGet(() -> new TrustedSource(location, publisher, -1, ""));
        Fetched fetched = fetcher.fetch(source);
        if (isExpired(source, fetched.expires())) {
            throw new RepositoryException(Kind.INVALID, expired(source, fetched.expires()));
        }
        return describe(accept(fetched, ""));
    }

    @Override
    public void remove(URI given) throws RepositoryException {
        URI location = folder(given);
        TrustedSource removed = sources.remove(location)
                .orElseThrow(() -> new RepositoryException(
                        Kind.NOT_FOUND, "There is no source %s; `repo list` shows them.".formatted(location)));
        held.remove(location);
        try {
            fetcher.forget(removed);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "The copy of the index of " + location + " cannot be deleted: " + e);
        }
    }

    @Override
    public List<Source> refresh() {
        for (TrustedSource source : sources.all()) {
            try {
                Fetched fetched = fetcher.fetch(source);
                if (isStillTrusted(source)) {
                    accept(fetched, "");
                }
            } catch (RepositoryException e) {
                LOG.log(Level.WARNING, e.getMessage());
                held.merge(
                        source.location(),
                        Held.none(e.getMessage()),
                        (old, failed) -> new Held(old.index(), old.expires(), failed.problem()));
            }
        }
        return sources();
    }

    private boolean isStillTrusted(TrustedSource source) {
        return sources.get(source.location())
                .filter(now -> now.publisher().equals(source.publisher()))
                .isPresent();
    }

    /// Takes a verified index over: first its copy and then its number are on the disk, then it is used. A power
    /// cut between leaves the newer copy, which is accepted as it was here.
    private synchronized TrustedSource accept(Fetched fetched, String problem) throws RepositoryException {
        TrustedSource seen = fetched.source();
        sources.check(seen);
        Held before = held.get(seen.location());
        // A signature made anew counts; one made before, sent by whoever holds newer ones back, does not.
        boolean superseded = before != null
                && before.index() != null
                && before.index().isOf(seen, seen.sha256())
                && fetched.expires().isBefore(before.expires());
        if (!superseded) {
            fetcher.keep(fetched);
        }
        sources.put(seen);
        held.put(
                seen.location(),
                superseded
                        ? new Held(before.index(), before.expires(), problem)
                        : new Held(fetched.index(), fetched.expires(), problem));
        return seen;
    }

    @Override
    public List<BundleRef> search(String text) {
        return catalog().search(text);
    }

    @Override
    public Optional<String> componentOf(BundleRef bundle) {
        return catalog().componentOf(bundle);
    }

    @Override
    public Resolution resolve(Request request) throws Unresolvable {
        return new IndexResolver(catalog()).resolve(request);
    }

    private IndexCatalog catalog() {
        readMissing();
        List<CompactIndex> usable = sources.all().stream()
                .map(source -> Optional.ofNullable(held.get(source.location()))
                        .filter(here -> !isExpired(source, here.expires()))
                        .map(Held::index))
                .flatMap(Optional::stream)
                .toList();
        IndexCatalog known = catalog;
        if (!known.isOf(usable)) {
            known = new IndexCatalog(usable);
            catalog = known;
        }
        return known;
    }

    private void readMissing() {
        if (isAllRead()) {
            return;
        }
        reading.lock();
        try {
            for (TrustedSource source : sources.all()) {
                if (!held.containsKey(source.location())) {
                    readMissing(source);
                }
            }
        } finally {
            reading.unlock();
        }
    }

    private boolean isAllRead() {
        return sources.all().stream().allMatch(source -> held.containsKey(source.location()));
    }

    /// From the copy if it can be had, for that needs no network; else from the source. A folder is on this disk,
    /// so it is read itself and never stale.
    private void readMissing(TrustedSource source) {
        try {
            accept(source.isFile() ? fetcher.fetch(source) : fetcher.copy(source), "");
        } catch (RepositoryException first) {
            LOG.log(Level.WARNING, first.getMessage());
            try {
                accept(source.isFile() ? fetcher.copy(source) : fetcher.fetch(source), first.getMessage());
            } catch (RepositoryException e) {
                held.putIfAbsent(source.location(), Held.none(first.getMessage()));
            }
        }
    }

    private static URI folder(URI given) {
        URI absolute = given.getScheme() == null ? Path.of(given.getPath()).toUri() : given;
        String text = absolute.normalize().toString();
        if (text.endsWith("/" + IndexDocument.FILE)) {
            text = text.substring(0, text.length() - IndexDocument.FILE.length());
        }
        return URI.create(text.endsWith("/") ? text : text + "/");
    }
}
