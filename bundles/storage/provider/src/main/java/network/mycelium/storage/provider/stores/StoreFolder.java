package network.mycelium.storage.provider.stores;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.mycelium.files.AtomicFiles;
import network.mycelium.storage.StorageException;

/// The folder of one store, `BUNDLE/NAME`, with a file `store` that says what it is: `kind`, the `quota` of its
/// bundle, and the `operator.quota` if there is one.
///
/// A store that is being removed has another name, which no store can have; what a crash leaves of it is removed
/// when stores are opened the next time.
record StoreFolder(Path root, String bundle, String name) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern BUNDLE = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final String REMOVED = ".removed-";
    private static final String DESCRIPTION = "store";

    StoreFolder {
        if (!BUNDLE.matcher(bundle).matches()) {
            throw new IllegalArgumentException("\"" + bundle + "\" is no symbolic name of a bundle");
        }
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "\"%s\" is no name of a store: 1 to 64 characters of a-z, 0-9, . _ -, the first a letter or digit"
                            .formatted(name));
        }
    }

    /// What the file says.
    ///
    /// @param quota of the bundle; 0 if it was never opened
    /// @param operatorQuota 0 if there is none
    record Description(String kind, long quota, long operatorQuota) {
        long effective() {
            return operatorQuota > 0 ? operatorQuota : quota;
        }
    }

    Path path() {
        return root.resolve(bundle).resolve(name);
    }

    boolean exists() {
        return Files.isDirectory(path());
    }

    String title() {
        return "The store " + name + " of " + bundle;
    }

    /// All that there are, in the order of bundle and name.
    static List<StoreFolder> all(Path root) throws IOException {
        List<StoreFolder> all = new ArrayList<>();
        for (Path bundle : folders(root)) {
            for (Path store : folders(bundle)) {
                String bundleName = bundle.getFileName().toString();
                String storeName = store.getFileName().toString();
                if (BUNDLE.matcher(bundleName).matches()
                        && NAME.matcher(storeName).matches()) {
                    all.add(new StoreFolder(root, bundleName, storeName));
                }
            }
        }
        return all;
    }

    private static List<Path> folders(Path in) throws IOException {
        if (!Files.isDirectory(in)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(in)) {
            return files.filter(Files::isDirectory).sorted().toList();
        }
    }

    /// A file that is damaged counts as none: the kind is seen by the files beside it.
    Description description() throws IOException {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(path().resolve(DESCRIPTION))) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            return new Description("", 0, 0);
        } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
            return new Description(kindByFiles(), 0, 0);
        }
        String kind = properties.getProperty("kind", "");
        return new Description(
                kind.equals("log") || kind.equals("blocks") ? kind : kindByFiles(),
                number(properties.getProperty("quota")),
                number(properties.getProperty("operator.quota")));
    }

    private static long number(String text) {
        try {
            return text == null ? 0 : Math.max(0, Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private String kindByFiles() {
        if (Files.isDirectory(path().resolve("journal"))) {
            return "blocks";
        }
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(path(), "*.log")) {
            return logs.iterator().hasNext() ? "log" : "";
        } catch (IOException e) {
            return "";
        }
    }

    void describe(Description description) throws IOException {
        if (!description.equals(description())) {
            AtomicFiles.createFolders(path());
            AtomicFiles.write(
                    path().resolve(DESCRIPTION),
                    "kind=%s%nquota=%d%noperator.quota=%d%n"
                            .formatted(description.kind(), description.quota(), description.operatorQuota())
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    long bytes() throws IOException {
        try (Stream<Path> files = Files.walk(path())) {
            return files.mapToLong(StoreFolder::size).sum();
        }
    }

    /// 0 of what went away meanwhile.
    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /// Removes it in one step, and then its files.
    void remove() throws IOException {
        Path gone = root.resolve(bundle).resolve(REMOVED + name);
        erase(gone);
        AtomicFiles.move(path(), gone);
        erase(gone);
        Path folder = root.resolve(bundle);
        if (isEmpty(folder)) {
            AtomicFiles.delete(folder);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    /// What crashes have left of stores that were being removed.
    static void clean(Path root) throws IOException {
        for (Path bundle : folders(root)) {
            for (Path store : folders(bundle)) {
                if (store.getFileName().toString().startsWith(REMOVED)) {
                    erase(store);
                }
            }
        }
    }

    private static void erase(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList().reversed()) {
                    Files.delete(file);
                }
            }
            AtomicFiles.sync(folder.getParent());
        }
    }

    StorageException failed(String what, Exception cause) {
        return new StorageException(
                "%s %s: %s. Look after the files in %s, and try again.".formatted(title(), what, cause, path()), cause);
    }
}
