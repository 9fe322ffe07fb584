package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import network.mycelium.node.command.TerminalText;

/// All that commands print goes through this: UTF-8 in, [TerminalText] out. What is no UTF-8 becomes U+FFFD. Safe
/// from any thread; a character whose bytes come in several writes is put together.
final class TerminalStream extends OutputStream {
    private static final int CHUNK = 8192;

    private final OutputStream out;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final CharBuffer chars = CharBuffer.allocate(CHUNK);
    /// The first bytes of a character whose others have not come.
    private byte[] begun = {};

    TerminalStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        byte[] all = Arrays.copyOf(begun, begun.length + length);
        System.arraycopy(bytes, offset, all, begun.length, length);
        var in = ByteBuffer.wrap(all);
        while (decoder.decode(in, chars, false).isOverflow()) {
            send();
        }
        send();
        begun = Arrays.copyOfRange(all, in.position(), all.length);
    }

    private void send() throws IOException {
        String text = chars.flip().toString();
        chars.clear();
        if (!text.isEmpty()) {
            out.write(TerminalText.block(text).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        out.flush();
    }

    /// Ends the text; what it is written to stays open.
    @Override
    public synchronized void close() throws IOException {
        if (begun.length > 0) {
            begun = new byte[0];
            out.write("\ufffd".getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
    }
}
