package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What a node keeps of its network beside the documents: the pin, the charter that it will pin, and until when what
/// was said once is forgotten. One thread at a time.
final class NetworkState {
    private static final Logger LOG = System.getLogger(NetworkState.class.getName());
    /// Of the node's own running time, that a charter must have been followed.
    static final Duration UNTIL_PINNED = Duration.ofDays(30);

    private static final int MAX_SIZE = 1 << 10;

    private final DocumentFile file;
    private Pin pin;
    private Pin followed;
    private long followedMillis;
    private long onceForgotten;
    private long codeChecked;

    /// A wrong pin would have this node follow nobody: a damaged file is as none.
    NetworkState(Path path) throws IOException {
        this.file = new DocumentFile(path, MAX_SIZE);
        try {
            file.read().forEach(each -> load(new ProtoReader(each)));
        } catch (IllegalArgumentException e) {
            LOG.log(Level.WARNING, "{0} is damaged; the pin in it is forgotten: {1}", path, e.getMessage());
        }
    }

    private void load(ProtoReader in) {
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> pin = pin(in.message());
                case 2 -> followed = pin(in.message());
                case 3 -> followedMillis = in.varint();
                case 4 -> onceForgotten = in.varint();
                case 5 -> codeChecked = in.varint();
                default -> {}
            }
        }
    }

    private static Pin pin(ProtoReader in) {
        int version = 0;
        byte[] hash = {};
        for (int field; (field = in.next()) != 0; ) {
            if (field == 1) {
                version = (int) in.varint();
            } else if (field == 2) {
                hash = in.bytes();
            }
        }
        return new Pin(version, Hash.of(hash));
    }

    private static ProtoWriter write(Pin pin) {
        return new ProtoWriter().varint(1, pin.version()).bytes(2, pin.charter().bytes());
    }

    Optional<Pin> pin() {
        return Optional.ofNullable(pin);
    }

    long onceForgotten() {
        return onceForgotten;
    }

    /// When a recovery code was last shown, in milliseconds; 0 for never.
    long codeChecked() {
        return codeChecked;
    }

    void codeChecked(long now) throws IOException {
        codeChecked = now;
        save();
    }

    void pin(Pin next) throws IOException {
        pin = next;
        save();
    }

    void onceForgotten(long expires) throws IOException {
        if (expires > onceForgotten) {
            onceForgotten = expires;
            save();
        }
    }

    /// Counts running time.
    ///
    /// @param path the charters that hold, the last of them last
    /// @return the charter that is to be pinned now
    Optional<Pin> follow(List<Pin> path, Duration ran) throws IOException {
        if (followed == null || !path.contains(followed)) {
            followed = path.getLast();
            followedMillis = 0;
        }
        followedMillis += ran.toMillis();
        Optional<Pin> ripe = Optional.empty();
        if (followedMillis >= UNTIL_PINNED.toMillis()) {
            if (pin == null || followed.version() > pin.version()) {
                pin = followed;
                ripe = Optional.of(pin);
            }
            followed = path.getLast();
            followedMillis = 0;
        }
        save();
        return ripe;
    }

    private void save() throws IOException {
        var out = new ProtoWriter();
        if (pin != null) {
            out.message(1, write(pin));
        }
        if (followed != null) {
            out.message(2, write(followed));
        }
        file.rewrite(List.of(out.varint(3, followedMillis)
                .varint(4, onceForgotten)
                .varint(5, codeChecked)
                .toBytes()));
    }
}
