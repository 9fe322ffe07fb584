package network.mycelium.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/// Files that are, at every moment and after every crash or power cut, the old content or the new one.
///
/// A file is written beside its place, synced, renamed over the old one, and the folder is synced: when a method here
/// has returned, what it did survives a power cut. When it throws, the file is the old one or the new one, whole.
/// The calling thread blocks for the disk; an interrupt ends a write with
/// [java.nio.channels.ClosedByInterruptException].
///
/// Threads and processes may write the same file at the same time: one of them is the last. Whoever reads and then
/// writes needs a lock of their own.
public final class AtomicFiles {
    private static final String PREFIX = ".atomic-";
    private static final String SUFFIX = ".tmp";
    private static final FileAttribute<?>[] PLAIN = {};

    private AtomicFiles() {}

    /// What a file shall have in it.
    @FunctionalInterface
    public interface Content {
        /// @param out is not buffered, and is not to be closed
        /// @throws IOException if the content cannot be had or is wrong: the file stays as it was
        void writeTo(OutputStream out) throws IOException;
    }

    /// Replaces or makes a file that others may read, as far as the process's umask lets them.
    public static void write(Path file, byte[] content) throws IOException {
        write(file, out -> out.write(content));
    }

    /// Replaces or makes a text in UTF-8 that others may read, as far as the process's umask lets them.
    public static void write(Path file, CharSequence text) throws IOException {
        write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /// As the others, for content that is too large for memory or is checked while it is written.
    public static void write(Path file, Content content) throws IOException {
        replace(file, content, PLAIN);
    }

    /// Replaces or makes a file that its owner alone can read and write (0600), from its first byte on.
    public static void writePrivate(Path file, byte[] content) throws IOException {
        FileAttribute<?>[] owner = isPosix(file)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : PLAIN;
        replace(file, out -> out.write(content), owner);
    }

    /// Renames a file or a folder whose content is synced already; a file there before is replaced.
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(folderOf(to));
        if (!folderOf(from).equals(folderOf(to))) {
            sync(folderOf(from));
        }
    }

    /// Removes a file or an empty folder, for good.
    ///
    /// @return whether there was one
    public static boolean delete(Path file) throws IOException {
        boolean deleted = Files.deleteIfExists(file);
        if (deleted) {
            sync(folderOf(file));
        }
        return deleted;
    }

    /// Makes a folder and those above it where they are missing.
    public static void createFolders(Path folder) throws IOException {
        Path whole = folder.toAbsolutePath();
        if (!Files.isDirectory(whole)) {
            if (whole.getParent() != null) {
                createFolders(whole.getParent());
            }
            Files.createDirectories(whole);
            sync(folderOf(whole));
        }
    }

    /// A name in a folder for a file that is written by other means and then [moved][#move] to its place; until
    /// then [#clean] takes it for what a crash left.
    public static Path temporary(Path folder) {
        return folder.resolve(PREFIX + UUID.randomUUID() + SUFFIX);
    }

    /// Writes to the disk which files a folder has: needed after making a file by other means, as one that is
    /// appended to. Where a folder cannot be synced (Windows) this does nothing.
    public static void sync(Path folder) throws IOException {
        if (isPosix(folder)) {
            try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /// Removes what writes that a crash cut short have left in a folder. To be called before anybody writes there.
    ///
    /// @return how many files those were
    public static int clean(Path folder) throws IOException {
        int removed = 0;
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
                for (Path file : left) {
                    Files.deleteIfExists(file);
                    removed++;
                }
            }
        }
        return removed;
    }

    private static void replace(Path file, Content content, FileAttribute<?>[] attributes) throws IOException {
        Path fresh = temporary(folderOf(file));
        try {
            try (var channel = FileChannel.open(
                    fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                content.writeTo(Channels.newOutputStream(channel));
                channel.force(true);
            }
            move(fresh, file.toAbsolutePath());
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static Path folderOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
