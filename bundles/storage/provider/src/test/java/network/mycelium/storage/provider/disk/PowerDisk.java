package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// A disk in memory that loses what was not synced. After a cut of the power each sector of a file that was not
/// synced is the old or the new one, the file's length too, and each name in a folder that was not synced is there
/// or not.
public final class PowerDisk implements Disk {
    private static final int SECTOR = 512;

    /// What all folders of one disk share.
    private static final class Machine {
        long calls;
        long cutAt = Long.MAX_VALUE;
        long room = Long.MAX_VALUE;
        boolean failSync;
    }

    private static final class Bytes {
        byte[] now = {};
        byte[] synced = {};
    }

    /// The power is gone: nothing works.
    public static final class PowerCut extends IOException {
        private static final long serialVersionUID = 1;

        PowerCut() {
            super("the power is gone");
        }
    }

    private final Machine machine;
    private final String place;
    private final Map<String, Bytes> now = new TreeMap<>();
    private final Map<String, Bytes> synced = new TreeMap<>();
    private final Map<String, PowerDisk> folders = new TreeMap<>();

    private PowerDisk(Machine machine, String place) {
        this.machine = machine;
        this.place = place;
    }

    public PowerDisk() {
        this(new Machine(), "disk");
    }

    /// How many calls changed something so far.
    public long calls() {
        return machine.calls;
    }

    /// Lets so many more calls through, and none after them.
    public void cutAfter(long calls) {
        machine.cutAt = machine.calls + calls;
    }

    /// Bytes that can still be written; a byte that was there does not count.
    public void room(long bytes) {
        machine.room = bytes;
    }

    public void failSync(boolean fail) {
        machine.failSync = fail;
    }

    /// What is there when the power is back.
    public PowerDisk afterCut(Random random) {
        return after(new Machine(), random);
    }

    private PowerDisk after(Machine fresh, Random random) {
        var disk = new PowerDisk(fresh, place);
        var names = new java.util.TreeSet<>(now.keySet());
        names.addAll(synced.keySet());
        for (String name : names) {
            Bytes chosen = random.nextBoolean() ? now.get(name) : synced.get(name);
            if (chosen != null) {
                var left = new Bytes();
                left.now = torn(chosen, random);
                left.synced = left.now;
                disk.now.put(name, left);
                disk.synced.put(name, left);
            }
        }
        folders.forEach((name, folder) -> disk.folders.put(name, folder.after(fresh, random)));
        return disk;
    }

    private static byte[] torn(Bytes file, Random random) {
        int size = random.nextBoolean() ? file.now.length : file.synced.length;
        if (file.now.length > file.synced.length && random.nextInt(4) == 0) {
            size = file.synced.length + random.nextInt(file.now.length - file.synced.length);
        }
        byte[] left = new byte[size];
        int style = random.nextInt(3);
        for (int at = 0; at < size; at += SECTOR) {
            boolean fresh = style == 0 || style == 1 && random.nextBoolean();
            byte[] from = fresh ? file.now : file.synced;
            int length = Math.min(SECTOR, Math.min(size, from.length) - at);
            if (length > 0) {
                System.arraycopy(from, at, left, at, length);
            }
        }
        return left;
    }

    /// The bytes of a file, to be looked at or changed.
    public byte[] bytes(String name) {
        return now.get(name).now;
    }

    public void bytes(String name, byte[] bytes) {
        now.get(name).now = bytes;
        now.get(name).synced = bytes;
    }

    public void remove(String name) {
        now.remove(name);
        synced.remove(name);
    }

    /// All as it is, on a disk of its own.
    public PowerDisk copy() {
        return copy(new Machine());
    }

    private PowerDisk copy(Machine fresh) {
        var disk = new PowerDisk(fresh, place);
        now.forEach((name, file) -> {
            var same = new Bytes();
            same.now = file.now.clone();
            same.synced = same.now;
            disk.now.put(name, same);
            disk.synced.put(name, same);
        });
        folders.forEach((name, folder) -> disk.folders.put(name, folder.copy(fresh)));
        return disk;
    }

    private void change() throws IOException {
        if (machine.calls >= machine.cutAt) {
            throw new PowerCut();
        }
        machine.calls++;
    }

    private void take(long bytes) throws IOException {
        if (bytes > 0 && bytes > machine.room) {
            throw new IOException("No space left on device");
        }
        machine.room -= Math.max(0, bytes);
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public synchronized List<String> names() {
        return List.copyOf(now.keySet());
    }

    @Override
    public synchronized DiskFile open(String name) throws IOException {
        Bytes file = now.get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return new MemoryFile(file);
    }

    @Override
    public synchronized DiskFile create(String name) throws IOException {
        change();
        if (now.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        now.put(name, new Bytes());
        return open(name);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        change();
        Bytes moved = now.remove(from);
        synced.remove(from);
        now.put(to, moved);
        synced.put(to, moved);
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        change();
        Bytes gone = now.remove(name);
        if (gone != null && machine.room < Long.MAX_VALUE / 2) {
            machine.room += gone.now.length;
        }
    }

    @Override
    public synchronized void sync() throws IOException {
        change();
        checkSync();
        synced.clear();
        synced.putAll(now);
    }

    private void checkSync() throws IOException {
        if (machine.failSync) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public synchronized Disk folder(String name) {
        return folders.computeIfAbsent(name, n -> new PowerDisk(machine, place + "/" + n));
    }

    private final class MemoryFile implements DiskFile {
        private final Bytes file;
        private boolean closed;

        MemoryFile(Bytes file) {
            this.file = file;
        }

        private void check() throws IOException {
            if (closed) {
                throw new java.nio.channels.ClosedChannelException();
            }
        }

        @Override
        public long size() {
            return file.now.length;
        }

        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            check();
            byte[] bytes = file.now;
            int length = (int) Math.max(0, Math.min(into.remaining(), bytes.length - at));
            if (length > 0) {
                into.put(bytes, (int) at, length);
            }
            return length;
        }

        @Override
        public void write(ByteBuffer from, long at) throws IOException {
            synchronized (PowerDisk.this) {
                check();
                change();
                int end = (int) at + from.remaining();
                take(end - (long) file.now.length);
                byte[] next = Arrays.copyOf(file.now, Math.max(end, file.now.length));
                from.get(next, (int) at, from.remaining());
                file.now = next;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (PowerDisk.this) {
                change();
                if (size < file.now.length) {
                    take(size - file.now.length);
                    file.now = Arrays.copyOf(file.now, (int) size);
                }
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (PowerDisk.this) {
                change();
                checkSync();
                file.synced = file.now;
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
