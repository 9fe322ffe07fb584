package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import network.mycelium.files.AtomicFiles;

/// A folder of the file system.
public final class FolderDisk implements Disk {
    private final Path folder;

    private FolderDisk(Path folder) {
        this.folder = folder;
    }

    /// Makes the folder if it is not there.
    public static FolderDisk at(Path folder) throws IOException {
        AtomicFiles.createFolders(folder);
        return new FolderDisk(folder);
    }

    @Override
    public String place() {
        return folder.toString();
    }

    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new FolderFile(folder.resolve(name));
    }

    @Override
    public DiskFile create(String name) throws IOException {
        Files.createFile(folder.resolve(name));
        return open(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        sync();
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void sync() throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    AtomicFiles.sync(folder);
                    return;
                } catch (ClosedChannelException e) {
                    interrupted = true;
                }
            }
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public Disk folder(String name) throws IOException {
        return at(folder.resolve(name));
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// A channel is closed for all when one thread that uses it is interrupted; then it is opened anew. Every call
    /// says at which place of the file, so it can be repeated.
    private static final class FolderFile implements DiskFile {
        private final Path path;
        private volatile FileChannel channel;
        private boolean closed;

        FolderFile(Path path) throws IOException {
            this.path = path;
            this.channel = channel();
        }

        private FileChannel channel() throws IOException {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }

        private interface Call<T> {
            T on(FileChannel channel) throws IOException;
        }

        private <T> T uninterrupted(Call<T> call) throws IOException {
            boolean interrupted = false;
            try {
                while (true) {
                    interrupted |= Thread.interrupted();
                    FileChannel current = channel;
                    try {
                        return call.on(current);
                    } catch (ClosedChannelException e) {
                        interrupted |= Thread.interrupted();
                        reopen(current, e);
                    }
                }
            } finally {
                restore(interrupted);
            }
        }

        private synchronized void reopen(FileChannel broken, ClosedChannelException cause) throws IOException {
            if (closed) {
                throw cause;
            }
            if (channel == broken) {
                channel = channel();
            }
        }

        @Override
        public long size() throws IOException {
            return uninterrupted(FileChannel::size);
        }

        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            int start = into.position();
            return uninterrupted(c -> {
                into.position(start);
                while (into.hasRemaining() && c.read(into, at + into.position() - start) >= 0) {
                    // Until there is no more.
                }
                return into.position() - start;
            });
        }

        @Override
        public void write(ByteBuffer from, long at) throws IOException {
            int start = from.position();
            uninterrupted(c -> {
                from.position(start);
                while (from.hasRemaining()) {
                    c.write(from, at + from.position() - start);
                }
                return true;
            });
        }

        @Override
        public void truncate(long size) throws IOException {
            uninterrupted(c -> c.truncate(size));
        }

        /// Without the times of the file, which would cost a second write. Its length is synced with its content.
        @Override
        public void sync() throws IOException {
            uninterrupted(c -> {
                c.force(false);
                return true;
            });
        }

        @Override
        public synchronized void close() throws IOException {
            closed = true;
            channel.close();
        }
    }
}
