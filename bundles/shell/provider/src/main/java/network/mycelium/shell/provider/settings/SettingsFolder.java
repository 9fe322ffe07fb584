package network.mycelium.shell.provider.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.mycelium.files.AtomicFiles;

/// The files `PID.conf` of a node's `config/`. Callers see to it that one of them changes a file at a time.
final class SettingsFolder {
    private static final Logger LOG = System.getLogger(SettingsFolder.class.getName());
    static final int MAX_FILES = 1_000;
    static final int MAX_FILE_BYTES = 1 << 18;
    private static final String SUFFIX = ".conf";
    private static final Pattern PID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.~-]{0,199}");
    private static final int OLD_DEPTH = 8;

    private final Path folder;

    SettingsFolder(Path folder) {
        this.folder = folder;
    }

    /// What tells that a file has changed, by file name.
    Map<String, String> stamps() throws IOException {
        Map<String, String> stamps = new TreeMap<>();
        for (Path file : files()) {
            try {
                var seen = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.put(
                        file.getFileName().toString(),
                        seen.lastModifiedTime() + " " + seen.size() + " " + seen.fileKey());
            } catch (NoSuchFileException e) {
                LOG.log(Level.DEBUG, "gone since the folder was listed: {0}", file);
            }
        }
        return stamps;
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(
                folder,
                file -> file.getFileName().toString().endsWith(SUFFIX)
                        && !file.getFileName().toString().startsWith("."))) {
            found.forEach(files::add);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        files.sort(null);
        return files;
    }

    /// All files that can be read, by pid.
    ///
    /// @param problems where those that cannot are told
    Map<String, SettingsFile> read(List<SettingProblem> problems) {
        Map<String, SettingsFile> read = new TreeMap<>();
        try {
            read(read, problems);
            old(problems);
        } catch (IOException | UncheckedIOException e) {
            problems.add(new SettingProblem("", "config/", 0, "it cannot be read: " + e, false));
        }
        return read;
    }

    private void read(Map<String, SettingsFile> read, List<SettingProblem> problems) throws IOException {
        List<Path> files = files();
        for (Path file : files.subList(0, Math.min(files.size(), MAX_FILES))) {
            String pid = pid(file);
            if (!PID.matcher(pid).matches()) {
                problems.add(whole(pid, "its name is no pid; it must be PID.conf, as network.mycelium.libp2p.conf"));
                continue;
            }
            try (InputStream in = Files.newInputStream(file)) {
                byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
                if (content.length > MAX_FILE_BYTES) {
                    problems.add(whole(pid, "it is longer than the " + MAX_FILE_BYTES + " bytes that it may have"));
                } else {
                    read.put(pid, SettingsFile.parse(content));
                }
            } catch (NoSuchFileException e) {
                LOG.log(Level.DEBUG, "gone since the folder was listed: {0}", file);
            } catch (IOException e) {
                problems.add(whole(pid, "it cannot be read: " + e));
            }
        }
        if (files.size() > MAX_FILES) {
            problems.add(whole(
                    pid(files.get(MAX_FILES)),
                    "this file and those after it are ignored, as there are more than " + MAX_FILES));
        }
    }

    /// Felix's own format, which the node had before.
    private void old(List<SettingProblem> problems) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> all = Files.find(
                folder,
                OLD_DEPTH,
                (file, seen) -> seen.isRegularFile() && file.toString().endsWith(".config"))) {
            for (Path file : all.sorted().limit(MAX_FILES).toList()) {
                String name = folder.relativize(file).toString();
                String pid =
                        name.substring(0, name.length() - ".config".length()).replace('/', '.');
                problems.add(new SettingProblem(
                        pid,
                        "config/" + name,
                        0,
                        "it is of an old format and ignored; write its settings as key = value into %s and remove it"
                                .formatted(name(pid)),
                        false));
            }
        }
    }

    private static String pid(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }

    private static SettingProblem whole(String pid, String problem) {
        return new SettingProblem(pid, name(pid), 0, problem, false);
    }

    /// How people find the file of a pid.
    static String name(String pid) {
        return "config/" + pid + SUFFIX;
    }

    /// Changes a file, or makes it, whole and readable by its owner alone: it may hold secrets.
    ///
    /// @throws IllegalArgumentException if the pid is none, or the change is wrong: then nothing is written
    /// @throws IOException if it cannot be written; then it is as it was
    void edit(String pid, UnaryOperator<SettingsFile> change) throws IOException {
        if (!PID.matcher(pid).matches()) {
            throw new IllegalArgumentException(
                    "'" + pid + "' is no pid: it takes letters, digits, dots, dashes and ~, 200 at most.");
        }
        Path file = folder.resolve(pid + SUFFIX);
        byte[] before = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        byte[] after = change.apply(SettingsFile.parse(before)).bytes();
        if (after.length > MAX_FILE_BYTES) {
            throw new IllegalArgumentException(name(pid) + " may have " + MAX_FILE_BYTES + " bytes at most.");
        }
        try {
            AtomicFiles.createFolders(folder);
            AtomicFiles.writePrivate(file, after);
        } catch (IOException e) {
            throw new IOException(name(pid) + " cannot be written and is as it was: " + e.getMessage(), e);
        }
    }
}
