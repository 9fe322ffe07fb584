package network.mycelium.libp2p.provider.yamux;

/// The frame header of hashicorp/yamux spec.md: version, type, flags, stream, length; big-endian, twelve bytes.
final class Frame {
    static final int HEADER = 12;

    static final int DATA = 0;
    static final int WINDOW_UPDATE = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;

    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;

    private Frame() {}

    static void write(byte[] out, int at, int type, int flags, int stream, int length) {
        out[at] = 0;
        out[at + 1] = (byte) type;
        out[at + 2] = (byte) (flags >> 8);
        out[at + 3] = (byte) flags;
        putInt(out, at + 4, stream);
        putInt(out, at + 8, length);
    }

    private static void putInt(byte[] out, int at, int value) {
        out[at] = (byte) (value >> 24);
        out[at + 1] = (byte) (value >> 16);
        out[at + 2] = (byte) (value >> 8);
        out[at + 3] = (byte) value;
    }

    static int type(byte[] header) throws YamuxException {
        if (header[0] != 0 || header[1] < DATA || header[1] > GO_AWAY) {
            throw new YamuxException("A frame has version %d and type %d".formatted(header[0], header[1]));
        }
        return header[1];
    }

    static int flags(byte[] header) {
        return (header[2] & 0xff) << 8 | header[3] & 0xff;
    }

    static int stream(byte[] header) {
        return getInt(header, 4);
    }

    static int length(byte[] header) {
        return getInt(header, 8);
    }

    private static int getInt(byte[] in, int at) {
        return (in[at] & 0xff) << 24 | (in[at + 1] & 0xff) << 16 | (in[at + 2] & 0xff) << 8 | in[at + 3] & 0xff;
    }
}
