package network.mycelium.identity.provider;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.recovery.RecoveryCode;
import network.mycelium.identity.core.wire.Key;

/// A network that begins.
///
/// @param codes recovery codes, as words
record Founded(byte[] genesis, List<String> codes) {
    /// The founder's name, until it has another.
    static final String FOUNDER = "founder";

    private static final int CODES = 2;
    private static final int NONCE = 16;

    /// @throws IllegalArgumentException if a network cannot be called that
    static Founded make(String name, Key founder, Instant now, boolean recovery) {
        if (name.isBlank() || !MemberNames.isPrintable(name)) {
            throw new IllegalArgumentException("A network's name is made of printable characters");
        }
        List<String> codes = new ArrayList<>();
        List<Key> keys = new ArrayList<>();
        for (int i = 0; recovery && i < CODES; i++) {
            RecoveryCode code = RecoveryCode.of(RecoveryKey.chance());
            codes.add(code.words());
            keys.add(RecoveryKey.of(code).key());
        }
        byte[] nonce = new byte[NONCE];
        new SecureRandom().nextBytes(nonce);
        Charter charter = CharterBuilder.first(FOUNDER, founder, keys, now.toEpochMilli());
        var genesis = new Genesis(name, now.toEpochMilli(), Document.charter(charter.toBytes()), nonce);
        return new Founded(Document.genesis(genesis.toBytes()).bytes(), codes);
    }
}
