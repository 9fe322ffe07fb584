package network.mycelium.repository.peers;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.repository.BundleRef.Chunk;

/// Fetches files from the members that have them, chunks in parallel from several. Who sends a wrong chunk is not
/// asked again for a while; who is slow or leaves gives its chunk back to the others.
final class BlobFetcher {
    private static final Logger LOG = System.getLogger(BlobFetcher.class.getName());
    private static final int MAX_PEERS = 32;
    private static final int MAX_MORE = 8;
    private static final Duration HURRY = Duration.ofMillis(500);
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final Duration BAN = Duration.ofMinutes(10);
    private static final int MAX_BANS = 1024;

    private final Host host;
    private final Presence presence;
    private final Partials partials;
    private final Duration patience;
    private final Duration hurry;
    private final Map<String, Transfer> underWay = new ConcurrentHashMap<>();
    /// Until when a peer is not asked, in nanoseconds of the machine's clock.
    private final Map<PeerId, Long> banned = new ConcurrentHashMap<>();

    /// @param presence who else may have something
    BlobFetcher(Host host, Presence presence, Path partials) {
        this(host, presence, partials, BlobProtocol.PATIENCE, HURRY);
    }

    /// @param patience how long a member may take for one message
    /// @param hurry after how long somebody else is asked for the same chunk
    BlobFetcher(Host host, Presence presence, Path partials, Duration patience, Duration hurry) {
        this.host = host;
        this.presence = presence;
        this.partials = new Partials(partials);
        this.patience = patience;
        this.hurry = hurry;
    }

    /// From those that are connected; if none of them has it, from the other members that live.
    ///
    /// @param chunks what it consists of; where that is not known it comes as one
    /// @param nearby what needs not be asked for
    /// @return its bytes from the disk; close it, for until then they stay there
    /// @throws IOException telling what happened with each peer
    InputStream fetch(String sha256, int size, List<Chunk> chunks, Transfer.Nearby nearby) throws IOException {
        List<Chunk> parts = chunks.isEmpty() ? List.of(new Chunk(sha256, size)) : chunks;
        partials.makeRoom(sha256);
        var transfer = new Transfer(parts, partials.file(sha256), hurry);
        boolean done = false;
        try {
            long saved = transfer.take(nearby);
            if (saved > 0) {
                LOG.log(Level.INFO, "{0} of {1} bytes are taken from what is here already", saved, size);
            }
            underWay.putIfAbsent(sha256, transfer);
            fetch(sha256, transfer);
            done = true;
            return new Fetched(sha256, transfer);
        } finally {
            if (!done) {
                underWay.remove(sha256, transfer);
                transfer.close();
            }
        }
    }

    /// The bytes of a whole transfer, which goes when they were read.
    private final class Fetched extends InputStream {
        private final String sha256;
        private final Transfer transfer;
        private long position;
        private boolean closed;

        private Fetched(String sha256, Transfer transfer) {
            this.sha256 = sha256;
            this.transfer = transfer;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = transfer.read(ByteBuffer.wrap(buffer, offset, length), position);
            position += Math.max(n, 0);
            return n;
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            if (underWay.get(sha256) == transfer) {
                Thread.ofVirtual().name("fetched").start(() -> forget(sha256, transfer));
            } else {
                transfer.close();
            }
        }
    }

    /// Who asks for it meanwhile finds it here until it is in the store.
    private void forget(String sha256, Transfer transfer) {
        long until = System.nanoTime() + LINGER.toNanos();
        for (long left; (left = until - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(left);
        }
        underWay.remove(sha256, transfer);
        try {
            transfer.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "what is left of a transfer stays on disk", e);
        }
    }

    private void fetch(String sha256, Transfer transfer) throws IOException {
        List<Connection> peers = allowed(host.connections());
        Set<PeerId> unreached = new HashSet<>();
        List<String> failures = new ArrayList<>(work(sha256, transfer, peers));
        for (List<Connection> more; !transfer.isWhole() && !(more = connectMore(peers, unreached)).isEmpty(); ) {
            failures.addAll(work(sha256, transfer, more));
            peers.addAll(more);
        }
        if (!transfer.isWhole()) {
            throw new IOException("%d of %d bytes came; %s"
                    .formatted(
                            transfer.arrived(),
                            transfer.size(),
                            failures.isEmpty() ? "no member is there" : String.join("; ", failures)));
        }
    }

    /// What is being fetched now.
    Optional<Transfer> underWay(String sha256) {
        return Optional.ofNullable(underWay.get(sha256));
    }

    private List<Connection> allowed(List<Connection> all) {
        long now = System.nanoTime();
        List<Connection> allowed = new ArrayList<>(all);
        allowed.removeIf(c -> banned.getOrDefault(c.peer(), now) - now > 0);
        return allowed;
    }

    /// To some members that were not asked yet.
    private List<Connection> connectMore(List<Connection> asked, Set<PeerId> unreached) {
        List<Connection> more = new ArrayList<>();
        List<Presence.Present> others = new ArrayList<>(presence.present());
        // Not all nodes the same ones.
        Collections.shuffle(others, ThreadLocalRandom.current());
        for (Presence.Present present : others) {
            boolean known = present.peer().equals(host.id())
                    || asked.stream().anyMatch(c -> c.peer().equals(present.peer()))
                    || unreached.contains(present.peer());
            if (!known && more.size() < MAX_MORE) {
                try {
                    more.add(host.connect(present.peer(), present.addresses()));
                } catch (IOException e) {
                    unreached.add(present.peer());
                    LOG.log(Level.DEBUG, "{0} is not reached: {1}", present.peer(), e.getMessage());
                }
            }
        }
        return allowed(more);
    }

    private List<String> work(String sha256, Transfer transfer, List<Connection> peers) throws IOException {
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        for (Connection peer : peers.subList(0, Math.min(peers.size(), MAX_PEERS))) {
            var fetch = new PeerFetch(peer, sha256, transfer, patience);
            transfer.begin(fetch);
            Thread.ofVirtual().name("fetch from " + peer.peer()).start(() -> {
                try {
                    String problem = fetch.run();
                    if (!problem.isEmpty()) {
                        failures.add(peer.peer() + ": " + problem);
                    }
                    if (fetch.lied()) {
                        ban(peer.peer());
                    }
                } finally {
                    transfer.end(fetch);
                }
            });
        }
        transfer.await();
        return failures;
    }

    private void ban(PeerId peer) {
        if (banned.size() > MAX_BANS) {
            banned.clear();
        }
        banned.put(peer, System.nanoTime() + BAN.toNanos());
        LOG.log(
                Level.WARNING,
                "{0} sent a wrong chunk; it is not asked for bundles for {1} minutes",
                peer,
                BAN.toMinutes());
    }
}
