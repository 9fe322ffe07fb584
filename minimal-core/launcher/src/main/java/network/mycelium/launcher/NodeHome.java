package network.mycelium.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import network.mycelium.files.AtomicFiles;

/// The folder that holds all that one node keeps. At most one process uses it at a time: the holder of an
/// operating system lock on `run/lock`, which a crash releases by itself.
///
/// Layout: `config/` one readable file a component, `cache/` bundles by digest, `state/` journal and trust,
/// `data/` the database, `log/`, `run/` lock and control socket, `work/` the framework's scratch space.
///
/// It is for its owner's eyes only. One that others can enter is closed to them, and so are the files with secrets in
/// it.
final class NodeHome implements AutoCloseable {
    private static final List<String> FOLDERS = List.of("config", "cache", "state", "data", "log", "run", "work");
    private static final Set<PosixFilePermission> OWNERS_ALONE = PosixFilePermissions.fromString("rwx------");
    private static final List<String> SECRET = List.of("config", "state", "data");

    private final Path dir;
    private final FileChannel lockChannel;
    private final List<String> findings;

    private NodeHome(Path dir, FileChannel lockChannel, List<String> findings) {
        this.dir = dir;
        this.lockChannel = lockChannel;
        this.findings = new ArrayList<>(findings);
    }

    /// Creates the home where it is missing and locks it.
    static NodeHome open(Path dir) throws LaunchException {
        FileChannel channel = null;
        try {
            Files.createDirectories(dir);
            List<String> findings = closeToOthers(dir);
            for (String name : FOLDERS) {
                Files.createDirectories(dir.resolve(name));
            }
            channel = openLock(dir.resolve("run/lock"));
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw locked(dir, channel);
            }
            writePid(channel);
            for (String name : FOLDERS) {
                AtomicFiles.clean(dir.resolve(name));
            }
            return new NodeHome(dir, channel, findings);
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

    /// @return what was found, for the log
    private static List<String> closeToOthers(Path dir) throws IOException {
        if (!dir.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return List.of();
        }
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(dir);
        if (OWNERS_ALONE.containsAll(before)) {
            return List.of();
        }
        try (Stream<Path> empty = Files.list(dir)) {
            boolean fresh = empty.findAny().isEmpty();
            Files.setPosixFilePermissions(dir, OWNERS_ALONE);
            if (fresh) {
                return List.of();
            }
        } catch (FileSystemException e) {
            return List.of(
                    "Others can enter the node home %s (%s), and it cannot be closed to them: %s. Give it to the user that the node runs as."
                            .formatted(dir, PosixFilePermissions.toString(before), describe(e)));
        }
        List<String> findings = new ArrayList<>();
        findings.add(
                "Others could enter the node home %s (%s); it is closed to them now. If they may have read it, make new keys: `network rotate-key`."
                        .formatted(dir, PosixFilePermissions.toString(before)));
        for (String name : SECRET) {
            closeFiles(dir.resolve(name), findings);
        }
        return findings;
    }

    private static void closeFiles(Path folder, List<String> findings) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                try {
                    Set<PosixFilePermission> open = EnumSet.copyOf(Files.getPosixFilePermissions(file));
                    if (open.retainAll(OWNERS_ALONE)) {
                        Files.setPosixFilePermissions(file, open);
                    }
                } catch (FileSystemException e) {
                    findings.add("%s cannot be closed to others: %s.".formatted(file, describe(e)));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static FileChannel openLock(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            // One's own can be made writable. Another user's may be held by a node of that user.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }
    }

    /// Says in the log, once, what was wrong with the home.
    void tellFindings() {
        findings.forEach(finding -> NodeLog.launcher().log(Level.WARNING, "{0}", finding));
        findings.clear();
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
