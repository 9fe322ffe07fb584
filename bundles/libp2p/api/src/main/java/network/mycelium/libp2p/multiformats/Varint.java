package network.mycelium.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// Unsigned varints, as in multiformats/unsigned-varint: at most nine bytes, shortest form only.
public final class Varint {
    private static final int MAX_BYTES = 9;

    private Varint() {}

    /// @throws IllegalArgumentException for a negative value
    public static void write(long value, ByteArrayOutputStream out) {
        if (value < 0) {
            throw new IllegalArgumentException("A varint cannot hold " + value);
        }
        long rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /// The bytes that [#write] would write.
    public static byte[] of(long value) {
        var out = new ByteArrayOutputStream(MAX_BYTES);
        write(value, out);
        return out.toByteArray();
    }

    /// @throws IllegalArgumentException if the buffer does not begin with a whole varint in its shortest form
    public static long read(ByteBuffer in) {
        long value = 0;
        try {
            for (int i = 0; i < MAX_BYTES; i++) {
                byte b = in.get();
                value |= (long) (b & 0x7f) << (7 * i);
                if (b >= 0) {
                    return shortest(value, b, i);
                }
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("A varint ends too early", e);
        }
        throw new IllegalArgumentException("A varint is longer than " + MAX_BYTES + " bytes");
    }

    /// @return -1 if the stream ends before the first byte
    /// @throws IOException if the stream fails, ends inside, or holds no proper varint
    public static long read(InputStream in) throws IOException {
        long value = 0;
        for (int i = 0; i < MAX_BYTES; i++) {
            int b = in.read();
            if (b < 0) {
                if (i == 0) {
                    return -1;
                }
                throw new EOFException("The stream ends inside a varint");
            }
            value |= (long) (b & 0x7f) << (7 * i);
            if (b < 0x80) {
                try {
                    return shortest(value, (byte) b, i);
                } catch (IllegalArgumentException e) {
                    throw new IOException(e.getMessage(), e);
                }
            }
        }
        throw new IOException("A varint is longer than " + MAX_BYTES + " bytes");
    }

    private static long shortest(long value, byte last, int index) {
        if (last == 0 && index > 0) {
            throw new IllegalArgumentException("A varint is not in its shortest form");
        }
        return value;
    }
}
