package network.mycelium.repository.peers;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Stream;
import network.mycelium.repository.BundleRef;

/// Fetches files from the members that have them, chunks in parallel from several. Who sends a wrong chunk is not
/// asked again for a while; who is slow or leaves gives its chunk back to the others.
final class BlobFetcher {
    private static final Logger LOG = System.getLogger(BlobFetcher.class.getName());
    private static final int MAX_PEERS = 64;
    private static final int MAX_MORE = 8;
    private static final Duration BAN = Duration.ofMinutes(10);
    private static final int MAX_BANS = 1024;

    private final Host host;
    private final Presence presence;
    private final Path partials;
    /// Until when a peer is not asked, in nanoseconds of the machine's clock.
    private final Map<PeerId, Long> banned = new ConcurrentHashMap<>();

    /// @param presence who else may have something
    BlobFetcher(Host host, Presence presence, Path partials) {
        this.host = host;
        this.presence = presence;
        this.partials = partials;
    }

    /// From those that are connected; if none of them has it, from the other members that live.
    ///
    /// @param digests of its chunks of [BundleRef#CHUNK] bytes; where there are none it comes as one
    /// @throws IOException telling what happened with each peer
    byte[] fetch(String sha256, int size, List<String> digests) throws IOException {
        boolean whole = digests.size() <= 1;
        try (var transfer = new Transfer(
                size,
                whole ? Math.max(size, 1) : BundleRef.CHUNK,
                whole ? List.of(sha256) : digests,
                partials.resolve(sha256))) {
            List<Connection> peers = allowed(host.connections());
            Set<PeerId> unreached = new HashSet<>();
            List<String> failures = new ArrayList<>(work(sha256, size, transfer, peers));
            for (List<Connection> more; !transfer.isWhole() && !(more = connectMore(peers, unreached)).isEmpty(); ) {
                failures.addAll(work(sha256, size, transfer, more));
                peers.addAll(more);
            }
            if (!transfer.isWhole()) {
                throw new IOException("%d of %d bytes came; %s"
                        .formatted(
                                transfer.arrived(),
                                size,
                                failures.isEmpty() ? "no member is there" : String.join("; ", failures)));
            }
            return transfer.bytes();
        }
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
        for (Presence.Present present : presence.present()) {
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

    private List<String> work(String sha256, int size, Transfer transfer, List<Connection> peers) throws IOException {
        List<String> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        peers.stream().limit(MAX_PEERS).forEach(peer -> {
            transfer.begin();
            Thread.ofVirtual().name("fetch from " + peer.peer()).start(() -> {
                try {
                    String problem = fetchFrom(peer, sha256, size, transfer);
                    if (!problem.isEmpty()) {
                        failures.add(peer.peer() + ": " + problem);
                    }
                } finally {
                    transfer.end();
                }
            });
        });
        try {
            transfer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The thread was interrupted", e);
        }
        return failures;
    }

    /// Takes chunk after chunk.
    ///
    /// @return what went wrong, or empty
    private String fetchFrom(Connection peer, String sha256, int size, Transfer transfer) {
        int asked = Transfer.NOTHING;
        try (Stream stream = peer.open(BlobProtocol.ID)) {
            stream.timeout(BlobProtocol.PATIENCE);
            BlobProtocol.write(stream, new BlobProtocol.Request(sha256, 0, 0));
            long has = BlobProtocol.readSize(stream);
            if (has != size) {
                return has < 0 ? "does not have it" : "has something else of %d bytes".formatted(has);
            }
            while ((asked = transfer.next()) != Transfer.NOTHING) {
                byte[] data = chunk(stream, sha256, transfer.offset(asked), transfer.length(asked), size);
                int got = asked;
                asked = Transfer.NOTHING;
                if (!transfer.arrived(got, data)) {
                    ban(peer.peer());
                    return "sent a wrong chunk";
                }
            }
            return "";
        } catch (IOException e) {
            if (asked != Transfer.NOTHING) {
                transfer.giveBack(asked);
            }
            return e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private static byte[] chunk(Stream stream, String sha256, int offset, int length, int size) throws IOException {
        byte[] data = new byte[length];
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, BlobProtocol.MAX_LENGTH);
            BlobProtocol.write(stream, new BlobProtocol.Request(sha256, offset + (long) done, part));
            if (BlobProtocol.readSize(stream) != size) {
                throw new IOException("no longer has it");
            }
            if (stream.input().readNBytes(data, done, part) < part) {
                throw new IOException("stopped within a chunk");
            }
            done += part;
        }
        return data;
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
