package network.mycelium.identity.core.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// What the signatures of a document are over: the input of libp2p's RFC 0002 with a domain for each form of document,
/// an empty payload type, and the SHA-256 of the document's exact bytes as payload.
public enum SigningInput {
    CHARTER("mycelium-charter"),
    STATEMENT("mycelium-statement"),
    ROTATION("mycelium-rotation");

    private final String domain;

    SigningInput(String domain) {
        this.domain = domain;
    }

    public String domain() {
        return domain;
    }

    /// @param document SHA-256 of the document
    public byte[] over(Hash document) {
        var out = new ByteArrayOutputStream(64);
        byte[] name = domain.getBytes(StandardCharsets.UTF_8);
        // Each part after its length, which takes one byte as all are shorter than 128.
        out.write(name.length);
        out.writeBytes(name);
        out.write(0);
        out.write(Hash.SIZE);
        out.writeBytes(document.bytes());
        return out.toByteArray();
    }
}
