package network.mycelium.itests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import network.mycelium.libp2p.Stream;

/// What the tests of streams say to each other.
final class Streams {
    private Streams() {}

    /// Sends back what comes until the other side closes its half.
    static void echo(Stream stream) throws IOException {
        byte[] buffer = new byte[65536];
        for (int n; (n = stream.read(buffer, 0, buffer.length)) >= 0; ) {
            stream.write(buffer, 0, n);
        }
    }

    /// Sends a text, closes this half, and reads the whole answer.
    static String ask(Stream stream, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        stream.write(bytes, 0, bytes.length);
        stream.closeWrite();
        return new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
    }
}
