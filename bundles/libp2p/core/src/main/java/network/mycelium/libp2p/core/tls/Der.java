package network.mycelium.libp2p.core.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// As much of ASN.1 DER (X.690) as a self-signed certificate takes.
final class Der {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private Der() {}

    static byte[] tagged(int tag, byte[]... contents) {
        var content = new ByteArrayOutputStream();
        for (byte[] each : contents) {
            content.writeBytes(each);
        }
        var out = new ByteArrayOutputStream(content.size() + 4);
        out.write(tag);
        int length = content.size();
        if (length >= 0x100) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length >= 0x80) {
            out.write(0x81);
        }
        out.write(length);
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    static byte[] sequence(byte[]... contents) {
        return tagged(0x30, contents);
    }

    static byte[] set(byte[]... contents) {
        return tagged(0x31, contents);
    }

    static byte[] integer(BigInteger value) {
        return tagged(2, value.toByteArray());
    }

    static byte[] octets(byte[] value) {
        return tagged(4, value);
    }

    /// Whole bytes.
    static byte[] bits(byte[] value) {
        return tagged(3, new byte[1], value);
    }

    static byte[] text(String value) {
        return tagged(0x0c, value.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] time(Instant value) {
        return tagged(0x18, TIME.format(value).getBytes(StandardCharsets.US_ASCII));
    }

    static byte[] oid(String dotted) {
        String[] numbers = dotted.split("\\.");
        var out = new ByteArrayOutputStream();
        out.write(Integer.parseInt(numbers[0]) * 40 + Integer.parseInt(numbers[1]));
        for (int i = 2; i < numbers.length; i++) {
            int number = Integer.parseInt(numbers[i]);
            for (int shift = 28; shift > 0; shift -= 7) {
                if (number >> shift != 0) {
                    out.write(number >> shift & 0x7f | 0x80);
                }
            }
            out.write(number & 0x7f);
        }
        return tagged(6, out.toByteArray());
    }

    /// Reads one value after the other.
    static final class Reader {
        private final byte[] bytes;
        private int position;
        private final int end;

        Reader(byte[] bytes) {
            this(bytes, 0, bytes.length);
        }

        private Reader(byte[] bytes, int position, int end) {
            this.bytes = bytes;
            this.position = position;
            this.end = end;
        }

        /// The content of the next value, which must have this tag.
        ///
        /// @throws IllegalArgumentException if it has not, or is cut off
        Reader next(int tag) {
            if (end - position < 2 || (bytes[position] & 0xff) != tag) {
                throw new IllegalArgumentException("DER without the tag %#x where it belongs".formatted(tag));
            }
            int length = bytes[position + 1] & 0xff;
            int start = position + 2;
            if (length > 0x82 || length == 0x80) {
                throw new IllegalArgumentException("DER with a length that is too long");
            }
            if (length > 0x80) {
                int count = length - 0x80;
                if (end - start < count) {
                    throw new IllegalArgumentException("DER that is cut off");
                }
                length = 0;
                for (int i = 0; i < count; i++) {
                    length = length << 8 | bytes[start++] & 0xff;
                }
            }
            if (length > end - start) {
                throw new IllegalArgumentException("DER that is cut off");
            }
            position = start + length;
            return new Reader(bytes, start, position);
        }

        /// The next value, with its tag and length.
        ///
        /// @throws IllegalArgumentException if it is cut off
        byte[] whole() {
            if (isEmpty()) {
                throw new IllegalArgumentException("DER that is cut off");
            }
            int start = position;
            next(bytes[position] & 0xff);
            return java.util.Arrays.copyOfRange(bytes, start, position);
        }

        /// What was not read yet.
        byte[] content() {
            return java.util.Arrays.copyOfRange(bytes, position, end);
        }

        boolean isEmpty() {
            return position == end;
        }
    }
}
