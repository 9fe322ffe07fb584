package network.mycelium.repository.peers;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.files.AtomicFiles;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleSource;
import network.mycelium.repository.BundleStore;
import network.mycelium.repository.NetworkRepository;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/// Follows what the network says about publishers: fetches each approved index from the members, trusts it as any other
/// index that an operator adds, gives bundles and indexes to whoever asks, and keeps its share of them.
@Component(configurationPid = PeersConfig.PID)
@Designate(ocd = PeersConfig.class)
public final class PeerRepository implements NetworkRepository, BundleSource {
    private static final Logger LOG = System.getLogger(PeerRepository.class.getName());
    private static final String INDEX = "index.xml";
    /// Of a file that is offered to the network and not approved yet.
    private static final String PROPOSED = ".proposed";

    /// Marks a publisher whose bundles came to the network by this node.
    private static final String OFFERED = "offered-here";

    private static final String OWNER = "network-publisher";
    private static final Duration FOREVER = Duration.ofDays(100 * 365);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    private final Path folder;
    private final Host host;
    private final Statements statements;
    private final RepositoryIndex indexes;
    private final BundleStore store;
    private final BlobFetcher fetcher;
    /// The files of indexes that this node gives to others, by digest.
    private final Map<String, Path> files = new ConcurrentHashMap<>();
    /// Why an approved index is not here yet, by publisher.
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    /// The statements that were followed, by publisher.
    private final Map<String, Long> followed = new ConcurrentHashMap<>();
    private final List<AutoCloseable> offers = new ArrayList<>();
    private final Thread follower;
    private volatile boolean wake;
    private volatile boolean closed;

    @Activate
    public PeerRepository(
            BundleContext context,
            PeersConfig config,
            @Reference Host host,
            @Reference NetworkIdentity identity,
            @Reference Statements statements,
            @Reference Presence presence,
            @Reference RepositoryIndex indexes,
            @Reference BundleStore store) {
        this(Path.of(context.getProperty("mycelium.home")), host, statements, presence, indexes, store);
        start();
        if (config.copies()) {
            var copies = new Copies(
                    host.id().toString(),
                    () -> keepers(presence, identity),
                    this::bundles,
                    store,
                    config.quota_bytes(),
                    Duration.ofSeconds(config.settle_seconds()));
            offers.add(copies.start());
        }
    }

    /// The members that take part, in the order of their ids.
    private static List<String> keepers(Presence presence, NetworkIdentity identity) {
        return presence.present().stream()
                .map(Presence.Present::peer)
                .filter(peer -> identity.member(peer)
                        .filter(m -> m.access().compareTo(Access.STANDARD) >= 0)
                        .isPresent())
                .map(PeerId::toString)
                .toList();
    }

    /// All that the approved indexes list.
    private List<BundleRef> bundles() {
        return indexes.search("").stream()
                .filter(ref -> ref.publisher().filter(followed::containsKey).isPresent())
                .toList();
    }

    private List<BundleRef> bundles(String publisher) {
        return indexes.search("").stream()
                .filter(ref -> ref.publisher().equals(Optional.of(publisher)))
                .toList();
    }

    PeerRepository(
            Path home,
            Host host,
            Statements statements,
            Presence presence,
            RepositoryIndex indexes,
            BundleStore store) {
        this.folder = home.resolve("state/indexes");
        this.host = host;
        this.statements = statements;
        this.indexes = indexes;
        this.store = store;
        this.fetcher = new BlobFetcher(host, presence, home.resolve("cache/partial"));
        this.follower = Thread.ofVirtual().name("network-repository").unstarted(this::followAll);
    }

    void start() {
        offers.add(host.handle(BlobProtocol.ID, new BlobServer(this::open, fetcher::underWay)));
        offers.add(statements.listen(statement -> {
            if (statement.kind().equals(ApprovedIndex.KIND)) {
                wake = true;
                LockSupport.unpark(follower);
            }
        }));
        follower.start();
    }

    private Optional<SeekableByteChannel> open(String sha256) throws IOException {
        Path file = files.get(sha256);
        return file == null ? store.open(sha256) : Optional.of(Files.newByteChannel(file));
    }

    private void followAll() {
        while (!closed) {
            wake = false;
            boolean all = true;
            for (Statement statement : statements.of(ApprovedIndex.KIND)) {
                if (!Long.valueOf(statement.sequence()).equals(followed.get(statement.key()))) {
                    all &= follow(statement);
                }
            }
            if (!wake && !closed) {
                if (all) {
                    LockSupport.park();
                } else {
                    LockSupport.parkNanos(TRY_AGAIN.toNanos());
                }
            }
        }
    }

    /// @return whether this node has the index now
    private boolean follow(Statement statement) {
        String publisher = statement.key();
        try {
            ApprovedIndex approved = ApprovedIndex.parse(statement.body());
            Path repository = repository(publisher);
            AtomicFiles.createFolders(repository);
            have(repository.resolve(INDEX), approved.index(), approved.indexSize());
            indexes.add(repository.toUri(), Optional.of(publisher));
            files.put(approved.index(), repository.resolve(INDEX));
            if (Files.exists(repository.resolve(OFFERED))) {
                retain(publisher, bundles(publisher));
            }
            problems.remove(publisher);
            followed.put(publisher, statement.sequence());
            LOG.log(Level.INFO, "the network uses index {0} of {1}", approved.sequence(), publisher);
            return true;
        } catch (IOException | RepositoryException | IllegalArgumentException e) {
            if (!e.toString().equals(problems.put(publisher, e.toString()))) {
                LOG.log(Level.WARNING, "the index of {0} is not here yet: {1}", publisher, e.getMessage());
            }
            return false;
        }
    }

    private Path repository(String publisher) {
        return folder.resolve(Sha256.of(publisher.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .substring(0, 32));
    }

    private void have(Path file, String sha256, int size) throws IOException {
        Path proposed = file.resolveSibling(file.getFileName() + PROPOSED);
        if (is(proposed, sha256)) {
            try (InputStream in = Files.newInputStream(proposed)) {
                AtomicFiles.write(file, in::transferTo);
            }
        }
        if (is(file, sha256)) {
            return;
        }
        try (InputStream in = fetcher.fetch(sha256, size, List.of(), NearbyChunks.NONE)) {
            AtomicFiles.write(file, in::transferTo);
        }
    }

    private static boolean is(Path file, String sha256) throws IOException {
        return Files.exists(file) && Sha256.of(file).equals(sha256);
    }

    /// For as long as the network uses what this node published.
    private void retain(String publisher, List<BundleRef> bundles) {
        store.retain(
                OWNER + " " + publisher, bundles.stream().map(BundleRef::sha256).toList());
    }

    @Override
    public List<BundleRef> offer(Path from, String publisher) throws RepositoryException {
        // Trusted on this node first: that verifies it, and lets the bundles be read from it.
        int before = indexes.sources().size();
        RepositoryIndex.Source source = indexes.add(from.toUri(), Optional.of(publisher));
        boolean fresh = indexes.sources().size() > before;
        List<BundleRef> all = bundles(publisher);
        for (BundleRef ref : all) {
            store.load(ref, bytes -> {});
        }
        retain(publisher, all);
        if (fresh) {
            // What all members use is followed like theirs, from this node's own copy.
            indexes.remove(source.location());
        }
        try {
            Path repository = repository(publisher);
            AtomicFiles.createFolders(repository);
            byte[] index = Files.readAllBytes(from.resolve(INDEX));
            AtomicFiles.write(repository.resolve(OFFERED), "");
            var approved = new ApprovedIndex(source.sequence(), Sha256.of(index), index.length);
            // Beside the one that is used, for others may have to sign first.
            Path proposed = repository.resolve(INDEX + PROPOSED);
            AtomicFiles.write(proposed, index);
            files.put(approved.index(), proposed);
            statements.publish(ApprovedIndex.KIND, publisher, approved.toBytes(), FOREVER);
            return all;
        } catch (IOException e) {
            throw new RepositoryException(Kind.STORAGE, "The index cannot be kept in %s: %s.".formatted(folder, e), e);
        } catch (IdentityException e) {
            throw new RepositoryException(Kind.UNTRUSTED, e.getMessage(), e);
        }
    }

    @Override
    public List<Offer> offers() {
        List<Offer> all = new ArrayList<>();
        for (Statement statement : statements.of(ApprovedIndex.KIND)) {
            ApprovedIndex approved;
            try {
                approved = ApprovedIndex.parse(statement.body());
            } catch (IllegalArgumentException e) {
                all.add(new Offer(statement.key(), 0, 0, e.getMessage()));
                continue;
            }
            int bundles = indexes.sources().stream()
                    .filter(source -> source.publisher().equals(Optional.of(statement.key())))
                    .mapToInt(RepositoryIndex.Source::bundles)
                    .max()
                    .orElse(0);
            all.add(new Offer(
                    statement.key(), approved.sequence(), bundles, problems.getOrDefault(statement.key(), "")));
        }
        return all;
    }

    @Override
    public String name() {
        return "peers";
    }

    @Override
    public boolean mayHave(BundleRef bundle) {
        return bundle.publisher().filter(followed::containsKey).isPresent()
                && !host.connections().isEmpty();
    }

    @Override
    public InputStream open(BundleRef bundle) throws IOException {
        if (bundle.size() > Integer.MAX_VALUE) {
            throw new IOException("it has %d bytes, which is more than a node can fetch".formatted(bundle.size()));
        }
        return fetcher.fetch(
                bundle.sha256(), (int) bundle.size(), bundle.chunks(), new NearbyChunks(bundle, indexes, store));
    }

    @Deactivate
    void deactivate() throws InterruptedException {
        closed = true;
        LockSupport.unpark(follower);
        for (AutoCloseable offer : offers) {
            try {
                offer.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "something was not taken back", e);
            }
        }
        follower.join();
    }
}
