package network.mycelium.identity;

import java.time.Instant;
import java.util.List;
import network.mycelium.libp2p.PeerId;

/// Something that holds for the whole network, signed by those who may say it. Of the statements with the same kind
/// and key the one with the highest sequence holds.
///
/// @param kind `member`, `directive`, `order` (said once, under a key of its own), `publisher` …
/// @param key what it is about
/// @param expires when it ceases to hold; far away for one that always does
/// @param signers who signed it, each once
public record Statement(
        String kind, String key, long sequence, Instant issued, Instant expires, byte[] body, List<PeerId> signers) {}
