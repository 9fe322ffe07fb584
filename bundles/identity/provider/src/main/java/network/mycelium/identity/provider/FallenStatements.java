package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import network.mycelium.files.AtomicFiles;
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

    private final Path file;
    private final List<Fallen> all = new ArrayList<>();

    FallenStatements(Path file) {
        this.file = file;
        try {
            if (Files.exists(file)) {
                var in = new ProtoReader(Files.readAllBytes(file));
                while (in.next() != 0) {
                    all.add(read(in.message()));
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "{0} is damaged, what it held is forgotten: {1}", file, e.getMessage());
        }
    }

    private static Fallen read(ProtoReader in) {
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
        var out = new ProtoWriter();
        for (Fallen each : all) {
            var one = new ProtoWriter().varint(1, each.fell).bytes(2, each.document.bytes());
            each.signers.forEach(key -> one.bytes(3, key.message()));
            out.message(1, one);
        }
        try {
            AtomicFiles.write(file, out.toBytes());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} cannot be written: {1}", file, e.getMessage());
        }
    }

    /// Those in whose place nothing holds, the last first.
    List<Fallen> all(Holding holding) {
        return all.reversed().stream()
                .filter(f -> holding.holds(f.document.content().register()).isEmpty())
                .toList();
    }
}
