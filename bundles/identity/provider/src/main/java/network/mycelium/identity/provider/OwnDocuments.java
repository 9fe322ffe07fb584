package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What this node signed itself, for a year, whatever became of it: when a charter is undone, others have forgotten
/// what
/// the statements of that one outranked, and this node offers its own again. One thread at a time.
final class OwnDocuments {
    private static final Logger LOG = System.getLogger(OwnDocuments.class.getName());
    static final Duration KEPT = Duration.ofDays(365);
    /// At the bound the oldest go.
    static final int MAX = 20_000;

    /// In bytes, of all; as above.
    static final int MAX_BYTES = 16 << 20;

    private static final int MAX_SIZE = 2 << 20;

    private record Own(long signed, byte[] item) {
        byte[] toBytes() {
            return new ProtoWriter().varint(1, signed).bytes(2, item).toBytes();
        }

        static Own parse(byte[] bytes) {
            var in = new ProtoReader(bytes);
            long signed = 0;
            byte[] item = {};
            for (int field; (field = in.next()) != 0; ) {
                if (field == 1) {
                    signed = in.varint();
                } else if (field == 2) {
                    item = in.bytes();
                }
            }
            return new Own(signed, item);
        }
    }

    private final DocumentFile file;
    private final Deque<Own> all = new ArrayDeque<>();
    private long size;

    /// @param now in milliseconds
    OwnDocuments(Path path, long now) throws IOException {
        this.file = new DocumentFile(path, MAX_SIZE);
        for (byte[] each : file.read()) {
            try {
                keep(Own.parse(each));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.WARNING, "something else in {0} is left out: {1}", path, e.getMessage());
            }
        }
        if (forget(now)) {
            file.rewrite(all.stream().map(Own::toBytes).toList());
        }
    }

    private boolean forget(long now) {
        int before = all.size();
        while (!all.isEmpty()
                && (all.getFirst().signed < now - KEPT.toMillis() || all.size() > MAX || size > MAX_BYTES)) {
            size -= all.removeFirst().item.length;
        }
        return all.size() < before;
    }

    private void keep(Own own) {
        all.addLast(own);
        size += own.item.length;
    }

    /// Kept before anybody is told of it.
    void add(byte[] item, long now) throws IOException {
        var own = new Own(now, item);
        keep(own);
        if (forget(now)) {
            file.rewrite(all.stream().map(Own::toBytes).toList());
        } else {
            file.append(own.toBytes());
        }
    }

    /// As items, the oldest first.
    List<byte[]> items() {
        return all.stream().map(Own::item).toList();
    }
}
