package network.mycelium.repository.provider;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The file `index.xml`: the document, and as its last line an XML comment with the instant until which the publisher
/// stands by it, and the signature over both. One file, so that whoever replaces or reads it has an index with its own
/// signature, and a signature by itself can be made anew without touching the document.
///
/// @param document as the publisher signed it
/// @param expires [Instant#MAX] where it does not; of an index that is not signed too
/// @param signature empty where there is none
record SignedIndex(byte[] document, Instant expires, byte[] signature) {
    static final String CONTEXT = "mycelium-index-v2\n";
    private static final String NEVER = "never";
    private static final int MAX_LINE = 256;
    private static final Pattern LINE =
            Pattern.compile("<!-- mycelium-index-v2 ([0-9TZ:.+-]{1,40}|never) ([A-Za-z0-9+/=]{1,128}) -->\n");

    static SignedIndex parse(byte[] file) {
        int start = file.length - 1;
        while (start > 0 && file[start - 1] != '\n' && file.length - start <= MAX_LINE) {
            start--;
        }
        Matcher line = LINE.matcher(
                new String(file, Math.max(start, 0), file.length - Math.max(start, 0), StandardCharsets.US_ASCII));
        if (!line.matches()) {
            return new SignedIndex(file, Instant.MAX, new byte[0]);
        }
        try {
            Instant expires = line.group(1).equals(NEVER) ? Instant.MAX : Instant.parse(line.group(1));
            byte[] signature = Base64.getDecoder().decode(line.group(2));
            // One way to write it, so that each change of a byte is a change.
            boolean exact = text(expires).equals(line.group(1))
                    && Base64.getEncoder().encodeToString(signature).equals(line.group(2));
            return exact
                    ? new SignedIndex(Arrays.copyOf(file, start), expires, signature)
                    : new SignedIndex(file, Instant.MAX, new byte[0]);
        } catch (DateTimeException | IllegalArgumentException e) {
            // Then it is no signature, and the index counts as unsigned.
            return new SignedIndex(file, Instant.MAX, new byte[0]);
        }
    }

    /// @param document ends in a line feed
    /// @param expires [Instant#MAX] for one that holds until there is a newer one
    /// @return the file
    static byte[] sign(byte[] document, Instant expires, Ed25519.Signer signer) throws GeneralSecurityException {
        if (document.length == 0 || document[document.length - 1] != '\n') {
            throw new IllegalArgumentException("A document that does not end in a line feed cannot be signed");
        }
        String until = text(expires);
        byte[] signature = signer.sign(CONTEXT, statement(until, document));
        var out = new ByteArrayOutputStream();
        out.writeBytes(document);
        out.writeBytes("<!-- mycelium-index-v2 %s %s -->\n"
                .formatted(until, Base64.getEncoder().encodeToString(signature))
                .getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    boolean isBy(String publisher) {
        return Ed25519.verify(publisher, CONTEXT, statement(text(expires), document), signature);
    }

    private static String text(Instant expires) {
        return expires.equals(Instant.MAX) ? NEVER : expires.toString();
    }

    private static byte[] statement(String until, byte[] document) {
        var out = new ByteArrayOutputStream();
        out.writeBytes((until + "\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(document);
        return out.toByteArray();
    }
}
