package network.mycelium.libp2p.provider.channel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.PublicKey;
import network.mycelium.libp2p.core.noise.CipherState;
import network.mycelium.libp2p.core.noise.NoiseException;
import network.mycelium.libp2p.core.noise.NoiseHandshake;
import network.mycelium.libp2p.core.noise.NoiseIdentity;

/// Noise over a socket (libp2p/specs noise): messages of at most 65,535 bytes, each after its length in two bytes.
///
/// While bytes flow, messages are decrypted in place in one borrowed buffer that is read into as far as the socket
/// has bytes; between bursts the wire holds no buffer.
public final class NoiseWire implements SecureWire {
    public static final String PROTOCOL = "/noise";
    private static final int MAX_PLAIN = NoiseHandshake.MAX_MESSAGE - CipherState.TAG;
    private static final int SMALL_MESSAGE = 2048;
    private static final int MAX_HANDSHAKE_MESSAGE = 8192;
    private static final byte[] NONE = {};

    private final SocketWire socket;
    private final NoiseHandshake.Result keys;
    private final byte[] header = new byte[2];

    /// The buffer that is read from: borrowed, or as small as one small message.
    private byte[] buffer = NONE;
    private boolean borrowed;
    private int start;
    private int end;
    private int plain;
    private int plainEnd;

    private NoiseWire(SocketWire socket, NoiseHandshake.Result keys) {
        this.socket = socket;
        this.keys = keys;
    }

    /// Runs the handshake.
    ///
    /// @throws NoiseException if the other side is not who it should be
    public static NoiseWire handshake(
            SocketWire socket,
            boolean initiator,
            NoiseIdentity identity,
            RandomGenerator random,
            Optional<PeerId> expected,
            List<String> muxers)
            throws IOException {
        return handshake(socket, new NoiseHandshake(initiator, identity, random, expected, muxers), initiator, 0);
    }

    /// Dials a peer that is known to speak Noise: proposes it and begins in one packet, a round trip sooner.
    ///
    /// @throws Libp2pException UNSUPPORTED if the peer does not speak it any more
    /// @throws NoiseException if the other side is not who it should be
    public static NoiseWire handshakeAtOnce(
            SocketWire socket,
            NoiseIdentity identity,
            RandomGenerator random,
            Optional<PeerId> expected,
            List<String> muxers)
            throws IOException {
        var handshake = new NoiseHandshake(true, identity, random, expected, muxers);
        var out = new ByteArrayOutputStream();
        out.writeBytes(Multistream.proposal(PROTOCOL));
        out.writeBytes(framed(handshake.write()));
        socket.write(out.toByteArray(), 0, out.size());
        Multistream.confirm(socket, PROTOCOL);
        return handshake(socket, handshake, true, 1);
    }

    /// @param done messages that were written and read already
    private static NoiseWire handshake(SocketWire socket, NoiseHandshake handshake, boolean initiator, int done)
            throws IOException {
        for (int i = done; i < 3; i++) {
            if (i % 2 == 0 == initiator) {
                byte[] message = framed(handshake.write());
                socket.write(message, 0, message.length);
            } else {
                handshake.read(receive(socket));
            }
        }
        return new NoiseWire(socket, handshake.finish());
    }

    private static byte[] framed(byte[] message) {
        byte[] framed = new byte[message.length + 2];
        framed[0] = (byte) (message.length >> 8);
        framed[1] = (byte) message.length;
        System.arraycopy(message, 0, framed, 2, message.length);
        return framed;
    }

    private static byte[] receive(SocketWire socket) throws IOException {
        byte[] length = new byte[2];
        socket.readFully(length, 0, 2);
        int size = (length[0] & 0xff) << 8 | length[1] & 0xff;
        if (size > MAX_HANDSHAKE_MESSAGE) {
            throw new NoiseException("A handshake message of " + size + " bytes");
        }
        byte[] message = new byte[size];
        socket.readFully(message, 0, size);
        return message;
    }

    @Override
    public String protocol() {
        return PROTOCOL;
    }

    @Override
    public PublicKey remote() {
        return keys.remote();
    }

    @Override
    public byte[] binding() {
        return keys.binding();
    }

    @Override
    public Optional<String> muxer() {
        return keys.muxer();
    }

    @Override
    public int read(byte[] out, int offset, int length) throws IOException {
        while (plain == plainEnd) {
            if (!(borrowed ? nextBuffered() : nextUnbuffered())) {
                return -1;
            }
        }
        int n = Math.min(length, plainEnd - plain);
        System.arraycopy(buffer, plain, out, offset, n);
        plain += n;
        if (plain == plainEnd) {
            if (!borrowed) {
                buffer = NONE;
            } else if (start == end && !socket.readable()) {
                release();
            }
        }
        return n;
    }

    @Override
    public boolean readable() throws IOException {
        return plain < plainEnd || start < end || socket.readable();
    }

    private void release() {
        byte[] free = buffer;
        borrowed = false;
        buffer = NONE;
        plain = plainEnd = start = end = 0;
        BufferPool.giveBack(free);
    }

    /// A message after a pause.
    private boolean nextUnbuffered() throws IOException {
        int n = socket.read(header, 0, 2);
        if (n < 0) {
            return false;
        }
        if (n == 1) {
            socket.readFully(header, 1, 1);
        }
        int length = (header[0] & 0xff) << 8 | header[1] & 0xff;
        if (length <= SMALL_MESSAGE) {
            buffer = new byte[length];
            socket.readFully(buffer, 0, length);
            plain = 0;
            plainEnd = decrypt(0, length);
        } else {
            buffer = BufferPool.borrow();
            borrowed = true;
            buffer[0] = header[0];
            buffer[1] = header[1];
            start = 0;
            end = 2;
            plain = plainEnd = 0;
            return nextBuffered();
        }
        return true;
    }

    /// The next message from the borrowed buffer, which takes in as much as the socket has.
    private boolean nextBuffered() throws IOException {
        if (start == end) {
            start = end = 0;
        }
        while (end - start < 2) {
            if (!fill(2)) {
                if (start == end) {
                    return false;
                }
                throw new NoiseException("The connection ends inside a message");
            }
        }
        int length = (buffer[start] & 0xff) << 8 | buffer[start + 1] & 0xff;
        while (end - start < 2 + length) {
            if (!fill(2 + length)) {
                throw new NoiseException("The connection ends inside a message");
            }
        }
        plain = start + 2;
        plainEnd = plain + decrypt(plain, length);
        start += 2 + length;
        return true;
    }

    /// Reads on, with room for a message of that size.
    private boolean fill(int message) throws IOException {
        if (buffer.length - start < message) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        int n = socket.read(buffer, end, buffer.length - end);
        if (n < 0) {
            return false;
        }
        end += n;
        return true;
    }

    private int decrypt(int at, int length) throws IOException {
        if (length < CipherState.TAG) {
            throw new NoiseException("A message is shorter than its tag");
        }
        return keys.receiving().open(NONE, buffer, at, length, buffer, at);
    }

    @Override
    public void write(byte[] in, int offset, int length) throws IOException {
        boolean small = length <= SMALL_MESSAGE;
        byte[] out = small ? new byte[length + 2 + CipherState.TAG] : BufferPool.borrow();
        try {
            for (int done = 0; done < length; ) {
                int filled = 0;
                while (done < length) {
                    int n = Math.min(MAX_PLAIN, length - done);
                    if (filled + 2 + n + CipherState.TAG > out.length) {
                        break;
                    }
                    int sealed = keys.sending().seal(NONE, in, offset + done, n, out, filled + 2);
                    out[filled] = (byte) (sealed >> 8);
                    out[filled + 1] = (byte) sealed;
                    filled += 2 + sealed;
                    done += n;
                }
                socket.write(out, 0, filled);
            }
        } finally {
            if (!small) {
                BufferPool.giveBack(out);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
