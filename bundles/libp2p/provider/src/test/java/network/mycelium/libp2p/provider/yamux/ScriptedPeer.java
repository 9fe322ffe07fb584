package network.mycelium.libp2p.provider.yamux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import network.mycelium.libp2p.provider.channel.Wire;
import network.mycelium.libp2p.provider.limits.Limits;
import network.mycelium.libp2p.provider.limits.Scope;

/// A session over memory, whose other end is the test: it says what comes in, and sees what goes out.
class ScriptedPeer implements Wire, YamuxSession.Owner, AutoCloseable {
    private static final byte[] END = {};

    /// A frame that the session wrote.
    record Sent(int type, int flags, int stream, int value) {}

    final Scope scope;
    final YamuxSession session;
    final List<YamuxStream> opened = new CopyOnWriteArrayList<>();
    /// Whether streams are served no longer than they take to open.
    volatile boolean quick;
    /// What happens instead of writing.
    volatile Runnable stall = () -> {};

    volatile IOException end;
    private final LinkedBlockingQueue<byte[]> in = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private byte[] current = {};
    private int position;
    private Thread reader;

    ScriptedPeer(int maxStreams, long maxMemory) {
        scope = new Scope(() -> "test", new Limits(10, 100_000, maxMemory));
        session = new YamuxSession(this, false, new YamuxConfig(maxStreams, 1 << 20, 64 << 10), scope, this);
    }

    ScriptedPeer() {
        this(100, 64 << 20);
    }

    ScriptedPeer start() {
        reader = Thread.ofVirtual().start(() -> end = session.run());
        return this;
    }

    void frame(int type, int flags, int stream, int value, byte... data) {
        byte[] bytes = new byte[Frame.HEADER + data.length];
        Frame.write(bytes, 0, type, flags, stream, value);
        System.arraycopy(data, 0, bytes, Frame.HEADER, data.length);
        in.add(bytes);
    }

    void data(int flags, int stream, byte... data) {
        frame(Frame.DATA, flags, stream, data.length, data);
    }

    void hangUp() {
        in.add(END);
    }

    void awaitEnd() throws InterruptedException {
        reader.join();
    }

    List<Sent> sent() {
        ByteBuffer bytes;
        synchronized (out) {
            bytes = ByteBuffer.wrap(out.toByteArray());
        }
        List<Sent> frames = new ArrayList<>();
        while (bytes.remaining() >= Frame.HEADER) {
            bytes.get();
            int type = bytes.get();
            var frame = new Sent(type, bytes.getShort(), bytes.getInt(), bytes.getInt());
            frames.add(frame);
            if (type == Frame.DATA) {
                bytes.position(bytes.position() + frame.value());
            }
        }
        return frames;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            while (position == current.length) {
                current = in.take();
                position = 0;
                if (current == END) {
                    in.add(END);
                    return -1;
                }
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        int n = Math.min(length, current.length - position);
        System.arraycopy(current, position, buffer, offset, n);
        position += n;
        return n;
    }

    @Override
    public boolean readable() {
        return !in.isEmpty();
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
        stall.run();
        synchronized (out) {
            out.write(buffer, offset, length);
        }
    }

    @Override
    public void streamOpened(YamuxStream stream) {
        opened.add(stream);
        if (quick) {
            stream.served();
        }
    }

    @Override
    public void streamClosed(YamuxStream stream) {}

    @Override
    public void close() {
        hangUp();
    }
}
