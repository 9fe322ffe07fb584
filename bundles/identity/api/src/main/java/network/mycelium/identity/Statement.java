package network.mycelium.identity;

import java.time.Instant;
import java.util.List;
import network.mycelium.libp2p.PeerId;

/// Something that holds for the whole network, signed by those who may say it. Of the statements with the same kind
/// and key one holds: by the latest charter, of those the one with the highest sequence.
///
/// @param kind `member`, `directive`, `order` (said once, under a key of its own), `publisher` …
/// @param key what it is about
/// @param issued as its signer says; never judged
/// @param expires when it ceases to hold; [#NEVER] for one that always does
/// @param signers those who signed it and whose word counts, each once; none where the charter keeps it by a list
public record Statement(
        String kind, String key, long sequence, Instant issued, Instant expires, byte[] body, List<PeerId> signers) {
    /// The end of what has none.
    public static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");
}
