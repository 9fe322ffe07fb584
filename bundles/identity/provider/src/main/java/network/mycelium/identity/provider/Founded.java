package network.mycelium.identity.provider;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.Charters;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Rule;
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
            Charters.RecoveryCode code = RecoveryKey.fresh();
            codes.add(code.words());
            keys.add(NodeSigner.key(code.key()));
        }
        byte[] nonce = new byte[NONCE];
        new SecureRandom().nextBytes(nonce);
        Charter charter = first(founder, keys, now.toEpochMilli());
        var genesis = new Genesis(name, now.toEpochMilli(), Document.charter(charter.toBytes()), nonce);
        return new Founded(Document.genesis(genesis.toBytes()).bytes(), codes);
    }

    private static Charter first(Key founder, List<Key> recovery, long made) {
        return new Charter(
                Optional.empty(),
                0,
                Optional.empty(),
                0,
                made,
                List.of(new Operator(FOUNDER, founder, 0)),
                recovery,
                (1 + recovery.size()) / 2 + 1,
                List.of(
                        new Rule("member", 1, false),
                        new Rule("renewal", 1, false),
                        new Rule("order", 1, true),
                        new Rule(Rule.OTHERS, 1, false)),
                List.of(),
                0,
                List.of(),
                0);
    }
}
