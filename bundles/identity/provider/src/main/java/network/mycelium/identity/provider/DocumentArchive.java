package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// The documents of a store on the disk, each with the time at which this node got it. One thread at a time.
final class DocumentArchive {
    private static final Logger LOG = System.getLogger(DocumentArchive.class.getName());
    private static final int MAX_DOCUMENT = Item.MAX_SIZE + 32;

    private final DocumentFile file;
    private final DocumentStore store;
    private final InstantSource clock;
    /// In milliseconds.
    private final Map<Hash, Long> arrived = new HashMap<>();
    /// What can be judged when a charter or a list is there that is missing.
    private final List<Kept> unjudged = new ArrayList<>();

    DocumentArchive(Path path, DocumentStore store, InstantSource clock) {
        this.file = new DocumentFile(path, MAX_DOCUMENT);
        this.store = store;
        this.clock = clock;
    }

    /// A document on the disk.
    ///
    /// @param arrived when this node got it, in milliseconds
    private record Kept(long arrived, byte[] item) {
        byte[] toBytes() {
            return new ProtoWriter().varint(1, arrived).bytes(2, item).toBytes();
        }

        static Kept parse(byte[] bytes) {
            var in = new ProtoReader(bytes);
            long arrived = 0;
            byte[] item = {};
            for (int field; (field = in.next()) != 0; ) {
                if (field == 1) {
                    arrived = in.varint();
                } else if (field == 2) {
                    item = in.bytes();
                }
            }
            return new Kept(arrived, item);
        }
    }

    /// Writes the documents of a node that begins.
    ///
    /// @param now in milliseconds
    static void write(Path path, List<byte[]> items, long now) throws IOException {
        new DocumentFile(path, MAX_DOCUMENT)
                .rewrite(items.stream()
                        .map(item -> new Kept(now, item).toBytes())
                        .toList());
    }

    /// Gives what was kept to the store.
    void load() throws IOException {
        for (byte[] each : file.read()) {
            try {
                take(Kept.parse(each));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.WARNING, "something else than a document on disk is left out: {0}", e.getMessage());
            }
        }
        // What was said before the pinned charter lies before it.
        judge();
    }

    /// Offers again what could not be judged.
    void judge() {
        List<Kept> again = List.copyOf(unjudged);
        unjudged.clear();
        again.forEach(this::take);
    }

    private void take(Kept kept) {
        switch (store.offer(kept.item, Sender.DISK, clock.millis())) {
            case Outcome.Kept(var _, var _, Hash document) -> arrived.putIfAbsent(document, kept.arrived);
            case Outcome.Refused(String why) -> LOG.log(Level.WARNING, "a document on disk is dropped: {0}", why);
            case Outcome.NeedsPinned _, Outcome.NeedsList _ -> unjudged.add(kept);
            default -> {}
        }
    }

    /// On the disk. It holds all the same if that fails, and is asked for again after a restart.
    void keep(List<Hash> documents) {
        long now = clock.millis();
        documents.forEach(document -> arrived.putIfAbsent(document, now));
        try {
            if (file.isStale()) {
                rewrite();
                return;
            }
            List<byte[]> items = new ArrayList<>();
            documents.forEach(document ->
                    store.item(document).ifPresent(item -> items.add(new Kept(arrived.get(document), item).toBytes())));
            file.append(items);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "new documents cannot be kept", e);
        }
    }

    private void rewrite() throws IOException {
        arrived.keySet().removeIf(document -> store.item(document).isEmpty());
        file.rewrite(Stream.concat(
                        store.everything().stream()
                                .map(item -> new Kept(arrived.getOrDefault(document(item), clock.millis()), item)),
                        unjudged.stream())
                .map(Kept::toBytes)
                .toList());
    }

    private static Hash document(byte[] item) {
        return switch (Item.parse(item)) {
            case Item.OfCharter(Signed signed) -> Hash.sha256(signed.document());
            case Item.OfStatement(Signed signed) -> Hash.sha256(signed.document());
            case Item.OfRotation(Signed signed) -> Hash.sha256(signed.document());
            case Item.OfRoot(RootList list) -> list.root();
        };
    }

    /// When this node got a document.
    Instant arrived(Hash document) {
        return Instant.ofEpochMilli(arrived.getOrDefault(document, clock.millis()));
    }
}
