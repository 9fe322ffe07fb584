package network.mycelium.libp2p.provider.channel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;

/// A TCP socket with a small buffer for small reads; large reads go past it.
public final class SocketWire implements Wire {
    private static final int SMALL = 256;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final BusyWait wait = new BusyWait();
    private final byte[] small = new byte[SMALL];
    private int position;
    private int end;

    public SocketWire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (position == end) {
            if (length >= SMALL) {
                return wait.read(in, buffer, offset, length);
            }
            int n = wait.read(in, small, 0, SMALL);
            if (n < 0) {
                return -1;
            }
            position = 0;
            end = n;
        }
        int n = Math.min(length, end - position);
        System.arraycopy(small, position, buffer, offset, n);
        position += n;
        return n;
    }

    /// Whether bytes were read from the socket that nobody took yet.
    boolean buffered() {
        return position < end;
    }

    /// Those bytes, which are then taken.
    byte[] takeBuffered() {
        byte[] taken = Arrays.copyOfRange(small, position, end);
        position = end = 0;
        return taken;
    }

    @Override
    public boolean readable() throws IOException {
        return position < end || in.available() > 0;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        out.write(buffer, offset, length);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
