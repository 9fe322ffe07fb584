package network.mycelium.itests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a process did to files, as strace(1) saw it, in the order in which the calls returned.
///
/// @param micros when, since the epoch
record FileOp(long micros, Kind kind, String path, String to, long offset, byte[] bytes) {
    enum Kind {
        CREATE,
        WRITE,
        TRUNCATE,
        SYNC,
        RENAME,
        REMOVE,
        FOLDER
    }

    private static final String CALLS = "openat,close,write,pwrite64,lseek,ftruncate,fsync,fdatasync,rename,renameat,"
            + "renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,sendfile,copy_file_range,link,linkat";

    /// What a command line begins with to be recorded.
    static List<String> recordedIn(Path log) {
        return List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-ttt",
                "-xx",
                "-s",
                "16777216",
                "-e",
                "trace=" + CALLS,
                "-o",
                log.toString());
    }

    /// Whether this machine can record at all.
    static boolean canRecord() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /// @param home what lies elsewhere is left out; paths are relative to it
    static List<FileOp> read(Path log, Path home) throws IOException {
        var reader = new Reader(home + "/");
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            lines.forEach(reader::line);
        }
        return reader.ops;
    }

    private static final class Reader {
        private static final class Open {
            final String path;
            final boolean append;
            long position;

            Open(String path, boolean append) {
                this.path = path;
                this.append = append;
            }
        }

        private final String home;
        private final List<FileOp> ops = new ArrayList<>();
        private final Map<String, String> unfinished = new HashMap<>();
        /// By descriptor; the threads of the node share them.
        private final Map<Integer, Open> open = new HashMap<>();

        private final Map<String, Long> sizes = new HashMap<>();

        Reader(String home) {
            this.home = home;
        }

        void line(String line) {
            int pidEnd = line.indexOf(' ');
            String pid = line.substring(0, pidEnd);
            String rest = line.substring(pidEnd).strip();
            int timeEnd = rest.indexOf(' ');
            String call = rest.substring(timeEnd + 1);
            if (call.endsWith("<unfinished ...>")) {
                unfinished.put(pid, call.substring(0, call.length() - "<unfinished ...>".length()));
                return;
            }
            if (call.startsWith("<... ")) {
                String before = unfinished.remove(pid);
                if (before == null) {
                    return;
                }
                call = before + call.substring(call.indexOf("resumed>") + "resumed>".length());
            }
            int result = call.lastIndexOf(") = ");
            int padded = call.lastIndexOf(") ");
            int arguments = call.indexOf('(');
            if (arguments < 0 || padded < 0) {
                return;
            }
            String returned = call.substring(call.indexOf('=', Math.max(padded, result)) + 1)
                    .strip();
            if (returned.startsWith("-1") || returned.startsWith("?")) {
                return;
            }
            long micros = Math.round(Double.parseDouble(rest.substring(0, timeEnd)) * 1e6);
            done(
                    micros,
                    call.substring(0, arguments),
                    call.substring(arguments + 1, padded),
                    Long.parseLong(returned.split("[^0-9]", 2)[0]));
        }

        private void done(long micros, String name, String arguments, long result) {
            switch (name) {
                case "openat" -> opened(micros, arguments, (int) result);
                case "close" -> open.remove(descriptor(arguments));
                case "write" -> {
                    Open file = open.get(descriptor(arguments));
                    if (file != null) {
                        long at = file.append ? sizes.getOrDefault(file.path, 0L) : file.position;
                        written(micros, file, at, arguments, (int) result);
                        file.position = at + result;
                    }
                }
                case "pwrite64" -> {
                    Open file = open.get(descriptor(arguments));
                    if (file != null) {
                        long at = Long.parseLong(arguments
                                .substring(arguments.lastIndexOf(',') + 1)
                                .strip());
                        written(micros, file, at, arguments, (int) result);
                    }
                }
                case "lseek" -> {
                    Open file = open.get(descriptor(arguments));
                    if (file != null) {
                        file.position = result;
                    }
                }
                case "ftruncate" -> {
                    Open file = open.get(descriptor(arguments));
                    if (file != null) {
                        long size = Long.parseLong(arguments.split(", ")[1]);
                        sizes.put(file.path, size);
                        add(micros, Kind.TRUNCATE, file.path, "", size, new byte[0]);
                    }
                }
                case "fsync", "fdatasync" -> {
                    Open file = open.get(descriptor(arguments));
                    if (file != null) {
                        add(micros, Kind.SYNC, file.path, "", 0, new byte[0]);
                    }
                }
                case "rename", "renameat", "renameat2" -> {
                    List<String> paths = paths(arguments);
                    if (paths.get(0).startsWith(home)) {
                        String from = relative(paths.get(0));
                        String to = relative(paths.get(1));
                        if (sizes.containsKey(from)) {
                            sizes.put(to, sizes.remove(from));
                        }
                        add(micros, Kind.RENAME, from, to, 0, new byte[0]);
                    }
                }
                case "unlink", "unlinkat", "rmdir" -> one(micros, Kind.REMOVE, arguments);
                case "mkdir", "mkdirat" -> one(micros, Kind.FOLDER, arguments);
                case "sendfile", "copy_file_range", "link", "linkat" -> {
                    for (String part : arguments.split(", ")) {
                        if (part.matches("[0-9]+") && open.containsKey(Integer.parseInt(part))) {
                            ops.add(new FileOp(micros, Kind.WRITE, "!" + name, "", 0, new byte[0]));
                        }
                    }
                }
                default -> {}
            }
        }

        private void opened(long micros, String arguments, int descriptor) {
            String path = paths(arguments).getFirst();
            if (!(path + "/").startsWith(home)) {
                open.remove(descriptor);
                return;
            }
            String relative = path.length() < home.length() ? "" : relative(path);
            open.put(descriptor, new Open(relative, arguments.contains("O_APPEND")));
            if (arguments.contains("O_CREAT")) {
                sizes.putIfAbsent(relative, 0L);
                add(micros, Kind.CREATE, relative, "", 0, new byte[0]);
            }
            if (arguments.contains("O_TRUNC")) {
                sizes.put(relative, 0L);
                add(micros, Kind.TRUNCATE, relative, "", 0, new byte[0]);
            }
        }

        private void written(long micros, Open file, long at, String arguments, int count) {
            int quote = arguments.indexOf('"');
            String hex = arguments.substring(quote + 1, quote + 1 + 4 * count).replace("\\x", "");
            sizes.merge(file.path, at + count, Math::max);
            add(micros, Kind.WRITE, file.path, "", at, HexFormat.of().parseHex(hex));
        }

        private void one(long micros, Kind kind, String arguments) {
            String path = paths(arguments).getFirst();
            if (path.startsWith(home)) {
                add(micros, kind, relative(path), "", 0, new byte[0]);
            }
        }

        private void add(long micros, Kind kind, String path, String to, long offset, byte[] bytes) {
            ops.add(new FileOp(micros, kind, path, to, offset, bytes));
        }

        private String relative(String path) {
            return path.substring(home.length());
        }

        private static int descriptor(String arguments) {
            return Integer.parseInt(arguments.split("[^0-9]", 2)[0]);
        }

        private static List<String> paths(String arguments) {
            List<String> paths = new ArrayList<>();
            String[] parts = arguments.split("\"");
            for (int i = 1; i < parts.length; i += 2) {
                byte[] bytes = HexFormat.of().parseHex(parts[i].replace("\\x", ""));
                paths.add(new String(bytes, StandardCharsets.UTF_8));
            }
            return paths;
        }
    }
}
