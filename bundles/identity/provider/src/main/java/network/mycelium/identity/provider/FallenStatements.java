package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Statements that held until a charter took their signers' word away, so that those who remain can say them anew.
/// One thread at a time.
final class FallenStatements {
    private static final Logger LOG = System.getLogger(FallenStatements.class.getName());
    /// At the bound the oldest go.
    static final int MAX = 1_000;

    /// @param fell when, in milliseconds
    /// @param signers who counted
    record Fallen(long fell, Document<Statement> document, List<Key> signers) {}

    private static final int MAX_SIZE = 256 << 10;

    private final Path path;
    private final DocumentFile file;
    private final List<Fallen> all = new ArrayList<>();

    FallenStatements(Path path) throws IOException {
        this.path = path;
        this.file = new DocumentFile(path, MAX_SIZE);
        for (byte[] each : file.read()) {
            try {
                all.add(read(each));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.WARNING, "a statement in {0} is left out: {1}", path, e.getMessage());
            }
        }
    }

    private static Fallen read(byte[] bytes) {
        var in = new ProtoReader(bytes);
        long fell = 0;
        byte[] document = {};
        List<Key> signers = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> fell = in.varint();
                case 2 -> document = in.bytes();
                case 3 -> signers.add(Key.of(in.bytes()));
                default -> {}
            }
        }
        return new Fallen(fell, Document.statement(document), signers);
    }

    void add(Collection<Held> fell, long now) {
        if (fell.isEmpty()) {
            return;
        }
        fell.forEach(held -> all.add(new Fallen(
                now, held.document(), held.operators().stream().sorted().toList())));
        if (all.size() > MAX) {
            all.subList(0, all.size() - MAX).clear();
        }
        List<byte[]> records = new ArrayList<>();
        for (Fallen each : all) {
            var one = new ProtoWriter().varint(1, each.fell).bytes(2, each.document.bytes());
            each.signers.forEach(key -> one.bytes(3, key.message()));
            records.add(one.toBytes());
        }
        try {
            file.rewrite(records);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be written: {1}", path, e.getMessage());
        }
    }

    /// Those in whose place nothing holds, the last first.
    List<Fallen> all(Holding holding) {
        return all.reversed().stream()
                .filter(f -> holding.holds(f.document.content().register()).isEmpty())
                .toList();
    }
}
