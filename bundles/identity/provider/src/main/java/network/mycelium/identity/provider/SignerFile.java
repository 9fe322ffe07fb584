package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.mycelium.identity.core.signer.SignerMemory;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What this node's key signed of charters, and which keys ended, on the disk. One thread at a time.
final class SignerFile {
    private static final Logger LOG = System.getLogger(SignerFile.class.getName());

    private static final int MAX_SIZE = 16 << 20;

    private final DocumentFile file;
    private SignerMemory memory = SignerMemory.empty();

    SignerFile(Path path) throws IOException {
        this.file = new DocumentFile(path, MAX_SIZE);
        for (byte[] each : file.read()) {
            try {
                memory = parse(each);
            } catch (IllegalArgumentException e) {
                // Nothing is signed before this node has compared with another one, so it learns most of it again.
                LOG.log(Level.WARNING, "{0} is damaged, what it held is forgotten: {1}", path, e.getMessage());
            }
        }
    }

    SignerMemory memory() {
        return memory;
    }

    /// Written when it returns.
    void set(SignerMemory next) throws IOException {
        file.rewrite(List.of(bytes(next)));
        memory = next;
    }

    private static byte[] bytes(SignerMemory memory) {
        var out = new ProtoWriter();
        memory.attempts().forEach((parent, attempts) -> {
            var entry = new ProtoWriter().bytes(1, parent.bytes()).varint(2, attempts.highest());
            attempts.charters().forEach(charter -> entry.bytes(3, charter.bytes()));
            out.message(1, entry);
        });
        memory.ended().forEach(key -> out.bytes(2, key.message()));
        return out.toBytes();
    }

    private static SignerMemory parse(byte[] bytes) {
        Map<Hash, SignerMemory.Attempts> attempts = new HashMap<>();
        Set<Key> ended = new LinkedHashSet<>();
        var in = new ProtoReader(bytes);
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> attempts(in.message(), attempts);
                case 2 -> ended.add(Key.of(in.bytes()));
                default -> {}
            }
        }
        return new SignerMemory(attempts, ended);
    }

    private static void attempts(ProtoReader in, Map<Hash, SignerMemory.Attempts> all) {
        byte[] parent = {};
        int highest = 0;
        Set<Hash> charters = new HashSet<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> parent = in.bytes();
                case 2 -> highest = (int) in.varint();
                case 3 -> charters.add(Hash.of(in.bytes()));
                default -> {}
            }
        }
        all.put(Hash.of(parent), new SignerMemory.Attempts(highest, charters));
    }
}
