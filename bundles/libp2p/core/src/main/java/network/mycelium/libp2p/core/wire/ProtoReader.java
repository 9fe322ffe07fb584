package network.mycelium.libp2p.core.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads one message of protocol buffers within its bytes, so nothing can be larger than the message is. Unknown
/// fields are skipped; call [#next] until it says 0, and one of the value calls for each field that is known.
public final class ProtoReader {
    private final byte[] buffer;
    private final int end;
    private int position;
    private int wireType;
    private int valueStart;

    public ProtoReader(byte[] message) {
        this(message, 0, message.length);
    }

    public ProtoReader(byte[] buffer, int offset, int length) {
        this.buffer = buffer;
        this.position = offset;
        this.end = offset + length;
    }

    /// Moves to the next field.
    ///
    /// @return its number, or 0 at the end
    /// @throws IllegalArgumentException if the bytes are no message
    public int next() {
        if (position == end) {
            return 0;
        }
        long key = raw();
        wireType = (int) (key & 7);
        long field = key >>> 3;
        if (field == 0 || field > 0x1fffffff) {
            throw new IllegalArgumentException("A message has a field of number " + field);
        }
        valueStart = position;
        switch (wireType) {
            case 0 -> raw();
            case 1 -> skip(8);
            case 2 -> skip(raw());
            case 5 -> skip(4);
            default -> throw new IllegalArgumentException("A message has a field of wire type " + wireType);
        }
        return (int) field;
    }

    private void skip(long bytes) {
        if (bytes < 0 || bytes > end - position) {
            throw new IllegalArgumentException("A message is cut off");
        }
        position += (int) bytes;
    }

    private long raw() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (position == end) {
                throw new IllegalArgumentException("A message is cut off");
            }
            byte b = buffer[position++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("A message has a number of more than ten bytes");
    }

    private void need(int type) {
        if (wireType != type) {
            throw new IllegalArgumentException(
                    "A message has a field of wire type %d where %d belongs".formatted(wireType, type));
        }
    }

    public long varint() {
        need(0);
        int after = position;
        position = valueStart;
        long value = raw();
        position = after;
        return value;
    }

    /// How many bytes the value of [#bytes()], [#text()] or [#message()] has: to refuse it before it is copied.
    public int length() {
        need(2);
        int after = position;
        position = valueStart;
        int length = (int) raw();
        position = after;
        return length;
    }

    public byte[] bytes() {
        need(2);
        int after = position;
        position = valueStart;
        int length = (int) raw();
        byte[] value = Arrays.copyOfRange(buffer, position, position + length);
        position = after;
        return value;
    }

    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    public ProtoReader message() {
        need(2);
        int after = position;
        position = valueStart;
        int length = (int) raw();
        var message = new ProtoReader(buffer, position, length);
        position = after;
        return message;
    }
}
