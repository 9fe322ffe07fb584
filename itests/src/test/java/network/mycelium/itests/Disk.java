package network.mycelium.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A disk that loses what was not synced, as POSIX allows it: the bytes of a file that was not synced, and the names in
/// a folder that was not. What [FileOp]s did is replayed on it one by one; at each point it tells what a power cut
/// would leave.
final class Disk {
    /// What is lost of that which was not synced.
    enum Cut {
        ALL_LOST,
        BYTES_LOST,
        NAMES_LOST,
        NOTHING_LOST
    }

    private sealed interface Node permits Folder, Bytes {}

    private static final class Folder implements Node {
        private final Map<String, Node> now = new TreeMap<>();
        private Map<String, Node> synced = Map.of();
    }

    private static final class Bytes implements Node {
        private static final byte[] NONE = {};
        private byte[] now = NONE;
        private byte[] synced = NONE;
    }

    private final Folder root = new Folder();

    /// All that lies in a folder, and is safe.
    static Disk of(Path home) throws IOException {
        var disk = new Disk();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(f -> !f.equals(home)).toList()) {
                Folder parent = disk.folder(home.relativize(file).toString());
                Node node;
                if (Files.isDirectory(file)) {
                    node = new Folder();
                } else {
                    var bytes = new Bytes();
                    bytes.now = Files.isRegularFile(file) ? Files.readAllBytes(file) : Bytes.NONE;
                    bytes.synced = bytes.now;
                    node = bytes;
                }
                parent.now.put(file.getFileName().toString(), node);
                parent.synced = new HashMap<>(parent.now);
            }
        }
        return disk;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// The folder of a path; made where the recording does not know of it.
    private Folder folder(String path) {
        Folder folder = root;
        for (int at = 0, slash; (slash = path.indexOf('/', at)) >= 0; at = slash + 1) {
            Node next = folder.now.computeIfAbsent(path.substring(at, slash), n -> new Folder());
            if (!(next instanceof Folder inner)) {
                throw new IllegalStateException(path + " lies in a file");
            }
            folder = inner;
        }
        return folder;
    }

    private Node node(String path) {
        return path.isEmpty() ? root : folder(path).now.get(name(path));
    }

    private Bytes bytes(String path) {
        if (folder(path).now.computeIfAbsent(name(path), n -> new Bytes()) instanceof Bytes bytes) {
            return bytes;
        }
        throw new IllegalStateException(path + " is a folder");
    }

    void apply(FileOp op) {
        switch (op.kind()) {
            case CREATE -> folder(op.path()).now.computeIfAbsent(name(op.path()), n -> new Bytes());
            case FOLDER -> folder(op.path()).now.computeIfAbsent(name(op.path()), n -> new Folder());
            case WRITE -> {
                Bytes file = bytes(op.path());
                int end = (int) op.offset() + op.bytes().length;
                byte[] next = Arrays.copyOf(file.now, Math.max(end, file.now.length));
                System.arraycopy(op.bytes(), 0, next, (int) op.offset(), op.bytes().length);
                file.now = next;
            }
            case TRUNCATE -> {
                Bytes file = bytes(op.path());
                file.now = Arrays.copyOf(file.now, (int) op.offset());
            }
            case SYNC -> {
                switch (node(op.path())) {
                    case Bytes file -> file.synced = file.now;
                    case Folder folder -> folder.synced = new HashMap<>(folder.now);
                    // A file that was removed while it was open.
                    case null -> {}
                }
            }
            case RENAME -> {
                Node moved = folder(op.path()).now.remove(name(op.path()));
                if (moved != null) {
                    folder(op.to()).now.put(name(op.to()), moved);
                }
            }
            case REMOVE -> folder(op.path()).now.remove(name(op.path()));
        }
    }

    /// The files that are there after a power cut, by path.
    Map<String, byte[]> after(Cut cut) {
        Map<String, byte[]> files = new TreeMap<>();
        collect(root, "", cut, files);
        return files;
    }

    private static void collect(Folder folder, String path, Cut cut, Map<String, byte[]> files) {
        boolean namesLost = cut == Cut.ALL_LOST || cut == Cut.NAMES_LOST;
        boolean bytesLost = cut == Cut.ALL_LOST || cut == Cut.BYTES_LOST;
        (namesLost ? folder.synced : folder.now).forEach((name, node) -> {
            switch (node) {
                case Folder inner -> collect(inner, path + name + "/", cut, files);
                case Bytes bytes -> files.put(path + name, bytesLost ? bytes.synced : bytes.now);
            }
        });
    }
}
