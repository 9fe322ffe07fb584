package network.mycelium.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// The folder that holds all that one node keeps. At most one process uses it at a time: the holder of an
/// operating system lock on `run/lock`, which a crash releases by itself.
///
/// Layout: `config/` one readable file a component, `cache/` bundles by digest, `state/` journal and trust,
/// `data/` the database, `log/`, `run/` lock and control socket, `work/` the framework's scratch space.
final class NodeHome implements AutoCloseable {
    private final Path dir;
    private final FileChannel lockChannel;

    private NodeHome(Path dir, FileChannel lockChannel) {
        this.dir = dir;
        this.lockChannel = lockChannel;
    }

    /// Creates the home where it is missing and locks it.
    static NodeHome open(Path dir) throws LaunchException {
        FileChannel channel = null;
        try {
            createPrivate(dir);
            for (var name : new String[] {"config", "cache", "state", "data", "log", "run", "work"}) {
                Files.createDirectories(dir.resolve(name));
            }
            channel = FileChannel.open(
                    dir.resolve("run/lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw locked(dir, channel);
            }
            writePid(channel);
            return new NodeHome(dir, channel);
        } catch (OverlappingFileLockException e) {
            throw locked(dir, channel);
        } catch (IOException e) {
            throw new LaunchException(
                    ExitCode.HOME_UNUSABLE,
                    "The node home %s cannot be used: %s. Make it writable for this user, or name another with --home DIR."
                            .formatted(dir, describe(e)),
                    e);
        }
    }

    private static void createPrivate(Path dir) throws IOException {
        if (Files.isDirectory(dir)) {
            return;
        }
        Files.createDirectories(dir);
        if (dir.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static void writePid(FileChannel channel) throws IOException {
        channel.truncate(0);
        channel.write(java.nio.ByteBuffer.wrap(
                Long.toString(ProcessHandle.current().pid()).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }

    private static LaunchException locked(Path dir, FileChannel channel) {
        String holder = "";
        try {
            holder = Files.readString(dir.resolve("run/lock")).strip();
            channel.close();
        } catch (IOException e) {
            // Only the process id in the message is lost.
            holder = "?";
        }
        return new LaunchException(
                ExitCode.HOME_LOCKED,
                "The node home %s is in use by another node (process %s). Stop it with `mycelium node stop`, or name another home with --home DIR."
                        .formatted(dir, holder));
    }

    /// An exception's message with its kind, because `IOException("/a/b")` alone says nothing.
    static String describe(IOException e) {
        return e.getClass().getSimpleName().replace("Exception", "") + ": " + e.getMessage();
    }

    Path path(String relative) {
        return dir.resolve(relative);
    }

    Path dir() {
        return dir;
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
