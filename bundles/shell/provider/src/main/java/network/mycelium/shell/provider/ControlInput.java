package network.mycelium.shell.provider;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// What a client of the control socket sends after its request, read on a thread of its own so that its going away is
/// noticed: what it types or pipes in, as this stream, and the size of its terminal.
final class ControlInput extends InputStream {
    static final int INPUT = 4;
    static final int SIZE = 5;
    private static final int MAX_FRAME = 64 << 10;
    private static final int MAX_WAITING = 4;
    private static final byte[] END = {};

    /// Told what comes, on the reading thread.
    interface Listener {
        default void resized(int columns, int rows) {}

        /// The client is gone.
        void gone();
    }

    private final DataInputStream in;
    private final Request request;
    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private byte[] piece = END;
    private int at;
    private boolean requested;
    private boolean ended;
    private volatile boolean closed;

    /// Asks the client for its input.
    interface Request {
        void send() throws IOException;
    }

    /// @param request sent before the first byte is waited for: nobody's input is taken that no command reads
    ControlInput(DataInputStream in, Request request) {
        this.in = in;
        this.request = request;
    }

    /// Nothing is received before.
    void start(Listener listener) {
        Thread.ofVirtual().name("control-input").start(() -> receive(listener));
    }

    private void receive(Listener listener) {
        try {
            while (true) {
                int kind = in.readUnsignedByte();
                int length = in.readInt();
                if (length < 0 || length > MAX_FRAME) {
                    throw new IOException("a frame of " + length + " bytes");
                }
                byte[] data = in.readNBytes(length);
                switch (kind) {
                    case INPUT -> {
                        if (!closed) {
                            waiting.put(data);
                        }
                    }
                    case SIZE -> listener.resized(number(data, 0), number(data, 2));
                    default -> throw new IOException("an unknown frame " + kind);
                }
            }
        } catch (IOException | IndexOutOfBoundsException e) {
            // However it ended: the client is gone, or not to be understood.
            listener.gone();
            offerEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void offerEnd() {
        while (!waiting.offer(END)) {
            waiting.poll();
        }
    }

    private static int number(byte[] data, int at) {
        return (data[at] & 0xff) << 8 | data[at + 1] & 0xff;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!requested) {
            requested = true;
            request.send();
        }
        if (at == piece.length && !ended) {
            try {
                piece = waiting.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for input");
            }
            at = 0;
            ended = piece.length == 0;
        }
        if (ended) {
            return -1;
        }
        int n = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, buffer, offset, n);
        at += n;
        return n;
    }

    /// What comes from now on is dropped; the thread ends with the connection. It is not interrupted, which would
    /// close the connection before the answer is complete.
    @Override
    public void close() {
        closed = true;
        waiting.clear();
    }
}
