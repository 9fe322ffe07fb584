package network.mycelium.identity.core.wire;

import java.util.Arrays;
import java.util.function.Function;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What the codecs of all documents share: the check of the canonical form, numbers within their type, and defaults
/// that
/// are left out.
///
/// A document is in canonical form if what is read from it, written again, gives the same bytes. So fields stand in the
/// order of their numbers, defaults are left out, none is unknown, numbers are as short as they can be, and text is
/// valid
/// UTF-8.
public final class Fields {
    /// The largest `uint32`.
    public static final long MAX_UINT32 = 0xffff_ffffL;

    private Fields() {}

    /// Reads a document and checks that it is in canonical form.
    ///
    /// @param name what it should be, for the message
    /// @throws MalformedDocument if it is not
    public static <T> T canonical(
            String name, byte[] bytes, int limit, Function<ProtoReader, T> read, Function<T, ProtoWriter> write) {
        if (bytes.length > limit) {
            throw new MalformedDocument("a %s has at most %d bytes, not %d".formatted(name, limit, bytes.length));
        }
        T value;
        try {
            value = read.apply(new ProtoReader(bytes));
        } catch (MalformedDocument e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new MalformedDocument("this is no %s: %s".formatted(name, e.getMessage()));
        }
        if (!Arrays.equals(write.apply(value).toBytes(), bytes)) {
            throw new MalformedDocument("a %s is not in canonical form".formatted(name));
        }
        return value;
    }

    /// A number of 32 bits.
    public static long uint32(ProtoReader in) {
        long value = in.varint();
        if (value < 0 || value > MAX_UINT32) {
            throw new MalformedDocument("a number does not fit into 32 bits");
        }
        return value;
    }

    /// A number of 31 bits, for what is bounded far below that anyway.
    public static int number(ProtoReader in) {
        long value = in.varint();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new MalformedDocument("a number is larger than any that is allowed");
        }
        return (int) value;
    }

    /// A time in milliseconds, below 2^63.
    public static long time(ProtoReader in) {
        long value = in.varint();
        if (value < 0) {
            throw new MalformedDocument("a time is after all times");
        }
        return value;
    }

    public static boolean flag(ProtoReader in) {
        long value = in.varint();
        if (value != 1) {
            throw new MalformedDocument("a flag is 1, or left out");
        }
        return true;
    }

    /// Leaves 0 out.
    public static void put(ProtoWriter out, int field, long value) {
        if (value != 0) {
            out.varint(field, value);
        }
    }

    /// Leaves false out.
    public static void put(ProtoWriter out, int field, boolean value) {
        put(out, field, value ? 1 : 0);
    }

    /// Leaves the empty text out.
    public static void put(ProtoWriter out, int field, String value) {
        if (!value.isEmpty()) {
            out.text(field, value);
        }
    }

    /// Leaves no bytes out.
    public static void put(ProtoWriter out, int field, byte[] value) {
        if (value.length > 0) {
            out.bytes(field, value);
        }
    }

    /// @throws MalformedDocument with this message unless it is so
    public static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new MalformedDocument(otherwise);
        }
    }
}
