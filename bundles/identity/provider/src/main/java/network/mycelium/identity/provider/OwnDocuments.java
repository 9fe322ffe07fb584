package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What this node signed itself, for a year, whatever became of it: when a charter is undone, others have forgotten
/// what
/// the statements of that one outranked, and this node offers its own again. One thread at a time.
final class OwnDocuments {
    static final Duration KEPT = Duration.ofDays(365);
    /// At the bound the oldest go.
    static final int MAX = 20_000;

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
    private final List<Own> all = new ArrayList<>();

    /// @param now in milliseconds
    OwnDocuments(Path path, long now) throws IOException {
        this.file = new DocumentFile(path, MAX_SIZE);
        for (byte[] each : file.read()) {
            all.add(Own.parse(each));
        }
        if (forget(now)) {
            file.rewrite(all.stream().map(Own::toBytes).toList());
        }
    }

    private boolean forget(long now) {
        boolean old = all.removeIf(own -> own.signed < now - KEPT.toMillis());
        if (all.size() > MAX) {
            all.subList(0, all.size() - MAX).clear();
            old = true;
        }
        return old;
    }

    /// Kept before anybody is told of it.
    void add(byte[] item, long now) throws IOException {
        var own = new Own(now, item);
        all.add(own);
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
