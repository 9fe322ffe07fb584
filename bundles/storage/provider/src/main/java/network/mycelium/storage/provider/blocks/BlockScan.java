package network.mycelium.storage.provider.blocks;

import java.io.IOException;
import java.nio.ByteBuffer;
import network.mycelium.storage.Blocks;
import network.mycelium.storage.provider.disk.Torn;
import network.mycelium.storage.provider.disk.Window;

/// Reads a segment from front to back and shows each block that it meets, whatever lies between.
final class BlockScan {
    private static final int HEAD = BlockFrame.FIXED + Blocks.MAX_KEY;

    /// A block that was met.
    ///
    /// @param intact whether it is what was written; always true where blocks are not read
    /// @param torn if not, whether it looks as if it was never written as a whole
    record Met(BlockFrame frame, int offset, boolean intact, boolean torn) {}

    /// What is done with it.
    interface Visitor {
        void met(Met met) throws IOException;

        /// Bytes that are no blocks, and were something else than zeros that were never written.
        default void skipped(int from, int to) throws IOException {}
    }

    private final Window window;
    private final long salt;
    private final boolean reading;

    private BlockScan(BlockSegment segment, boolean reading) throws IOException {
        this.window = new Window(segment.file(), segment.file().size());
        this.salt = segment.salt();
        this.reading = reading;
    }

    /// @param reading whether blocks are read and checked, or their frames alone
    /// @return the end of the last block
    static int run(BlockSegment segment, int from, boolean reading, Visitor visitor) throws IOException {
        return new BlockScan(segment, reading).run(from, visitor);
    }

    private int run(int from, Visitor visitor) throws IOException {
        int at = from;
        int gap = from;
        int end = from;
        int lastByte = -1;
        while (at < window.size()) {
            ByteBuffer head = window.at(at, HEAD);
            BlockFrame frame = BlockFrame.read(head, salt);
            if (frame == null) {
                lastByte = head.remaining() < Long.BYTES || head.getLong(0) != 0 ? at : lastByte;
                at += BlockFrame.ALIGN;
                continue;
            }
            if (lastByte >= gap) {
                skipped(gap, at, Math.min(at - gap, HEAD), visitor);
            }
            Met met = check(frame, at);
            visitor.met(met);
            at += frame.extent();
            gap = at;
            end = met.torn() ? end : at;
        }
        if (lastByte >= gap) {
            skipped(gap, lastByte + BlockFrame.ALIGN, HEAD, visitor);
        }
        return end;
    }

    private void skipped(int from, int to, int head, Visitor visitor) throws IOException {
        if (!Torn.looks(window, from, head)) {
            visitor.skipped(from, to);
        }
    }

    private Met check(BlockFrame frame, int at) throws IOException {
        if (!reading) {
            return new Met(frame, at, true, false);
        }
        ByteBuffer block = window.at(at + (long) frame.head(), frame.length());
        boolean intact = block.remaining() == frame.length() && BlockFrame.crc(block) == frame.crc();
        boolean torn = !intact && Torn.looks(window, at + (long) frame.head(), frame.length());
        return new Met(frame, at, intact, torn);
    }
}
