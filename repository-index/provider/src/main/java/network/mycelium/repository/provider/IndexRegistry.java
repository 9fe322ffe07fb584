package network.mycelium.repository.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import network.mycelium.files.AtomicFiles;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/// The trusted indexes of this node, remembered in `state/sources`. The distribution's own repository is always
/// one of them, trusted by the key that the verified core manifest covers.
///
/// Indexes are read when first needed, or in the background after boot, from the copy on this node if there is one: a
/// node starts without its sources.
@Component
public final class IndexRegistry implements RepositoryIndex {
    private static final Logger LOG = System.getLogger(IndexRegistry.class.getName());

    private record State(TrustedSource source, CompactIndex index, String problem) {}

    private final Path file;
    private final IndexFetcher fetcher;
    private AfterBoot afterBoot;
    private URI builtIn;
    /// In the order in which they were added. Guarded by this.
    private final Map<URI, State> states = new LinkedHashMap<>();
    /// Made anew from the indexes when one changes. Guarded by this.
    private IndexCatalog catalog;

    @Activate
    public IndexRegistry(BundleContext context) throws IOException {
        Path home = Path.of(context.getProperty("mycelium.home"));
        this.file = home.resolve("state").resolve("sources");
        this.fetcher = new IndexFetcher(new UrlReader(Duration.ofSeconds(10), 1024), home.resolve("cache/indexes"));
        Files.createDirectories(file.getParent());
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                TrustedSource source = TrustedSource.parse(line);
                states.put(source.location(), new State(source, null, ""));
            }
        }
        addBuiltIn(context.getProperty("mycelium.dist"));
    }

    /// Sources that were added may be large, so they are read ahead once the node is up; the distribution's own is
    /// small.
    @Activate
    void activate(BundleContext context) {
        if (states.size() > 1 || (states.size() == 1 && builtIn == null)) {
            afterBoot = new AfterBoot(context, "index-read-ahead", this::catalog);
        }
    }

    @Deactivate
    void deactivate() {
        if (afterBoot != null) {
            afterBoot.close();
        }
    }

    private void addBuiltIn(String dist) throws IOException {
        Path repository = dist == null ? null : Path.of(dist, "repository");
        if (repository == null || !Files.exists(repository.resolve("publisher"))) {
            return;
        }
        String publisher = Files.readString(repository.resolve("publisher")).strip();
        URI location = folder(repository.toUri());
        builtIn = location;
        states.put(location, new State(new TrustedSource(location, Optional.of(publisher), -1, ""), null, ""));
    }

    @Override
    public synchronized List<Source> sources() {
        readMissing();
        return states.values().stream().map(IndexRegistry::describe).toList();
    }

    private static Source describe(State state) {
        return new Source(
                state.source().location(),
                state.source().publisher(),
                state.source().sequence(),
                state.index() == null ? 0 : state.index().size(),
                state.problem());
    }

    @Override
    public Source add(URI given, Optional<String> publisher) throws RepositoryException {
        URI location = folder(given);
        if (publisher.isPresent()) {
            try {
                Ed25519.publicKey(publisher.get());
            } catch (java.security.GeneralSecurityException | IllegalArgumentException e) {
                throw new RepositoryException(Kind.INVALID, "No publisher's key: " + e.getMessage() + ".", e);
            }
        }
        TrustedSource source;
        synchronized (this) {
            State known = states.get(location);
            source = known != null && known.source().publisher().equals(publisher)
                    ? known.source()
                    : new TrustedSource(location, publisher, -1, "");
        }
        var fetched = fetcher.fetch(source);
        synchronized (this) {
            State state = new State(fetched.source(), fetched.index(), "");
            states.put(location, state);
            catalog = null;
            save();
            return describe(state);
        }
    }

    @Override
    public synchronized void remove(URI given) throws RepositoryException {
        URI location = folder(given);
        State removed = states.remove(location);
        if (removed == null) {
            throw new RepositoryException(
                    Kind.NOT_FOUND, "There is no source %s; `repo list` shows them.".formatted(location));
        }
        catalog = null;
        save();
        try {
            fetcher.forget(removed.source());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "The copy of the index of " + location + " cannot be deleted: " + e);
        }
    }

    @Override
    public List<Source> refresh() {
        List<TrustedSource> all;
        synchronized (this) {
            all = states.values().stream().map(State::source).toList();
        }
        for (TrustedSource source : all) {
            State refreshed;
            try {
                var fetched = fetcher.fetch(source);
                refreshed = new State(fetched.source(), fetched.index(), "");
            } catch (RepositoryException e) {
                LOG.log(Level.WARNING, e.getMessage());
                refreshed = new State(source, null, e.getMessage());
            }
            replace(refreshed);
        }
        return sources();
    }

    private synchronized void replace(State refreshed) {
        URI location = refreshed.source().location();
        State old = states.get(location);
        if (old == null) {
            return;
        }
        if (refreshed.index() == null) {
            states.put(location, new State(old.source(), old.index(), refreshed.problem()));
            return;
        }
        states.put(location, refreshed);
        catalog = null;
        try {
            save();
        } catch (RepositoryException e) {
            LOG.log(Level.WARNING, e.getMessage());
        }
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

    private synchronized IndexCatalog catalog() {
        readMissing();
        if (catalog == null) {
            catalog = new IndexCatalog(states.values().stream()
                    .map(State::index)
                    .filter(Objects::nonNull)
                    .toList());
        }
        return catalog;
    }

    /// From the copy if it can be had, for that needs no network; else from the source. The distribution's
    /// repository is on this disk, so it is read itself and never stale.
    private void readMissing() {
        for (State state : List.copyOf(states.values())) {
            if (state.index() != null || !state.problem().isEmpty()) {
                continue;
            }
            State read;
            try {
                var fetched = state.source().location().getScheme().equals("file")
                        ? fetcher.fetch(state.source())
                        : fetcher.copy(state.source());
                read = new State(fetched.source(), fetched.index(), "");
            } catch (RepositoryException e) {
                read = readOther(state, e);
            }
            states.put(read.source().location(), read);
            catalog = null;
        }
    }

    private State readOther(State state, RepositoryException first) {
        LOG.log(Level.WARNING, first.getMessage());
        try {
            var fetched = state.source().location().getScheme().equals("file")
                    ? fetcher.copy(state.source())
                    : fetcher.fetch(state.source());
            return new State(fetched.source(), fetched.index(), first.getMessage());
        } catch (RepositoryException e) {
            return new State(state.source(), null, first.getMessage());
        }
    }

    private void save() throws RepositoryException {
        List<String> lines = new ArrayList<>();
        // What was seen of the built-in index is not kept: the core manifest decides which one is right, and another
        // distribution begins anew.
        states.values().stream()
                .filter(s -> !s.source().location().equals(builtIn))
                .forEach(s -> lines.add(s.source().line() + "\n"));
        try {
            AtomicFiles.write(file, String.join("", lines).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE, "The list of sources %s cannot be written: %s.".formatted(file, e), e);
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
