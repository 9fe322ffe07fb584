package network.mycelium.repository.provider;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import network.mycelium.files.AtomicFiles;
import network.mycelium.files.Sha256;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;

/// A repository in one zip file. Reading takes only the files that the verified index names, each no longer than
/// it says, so neither a path nor a bomb in the archive reaches the disk. All is checked before anything is written,
/// and the index comes last: until then the earlier archive of the same publisher counts, whole.
final class Archives {
    private Archives() {}

    static void write(Path repository, List<String> files, Path archive) throws RepositoryException {
        try {
            AtomicFiles.write(archive, out -> {
                // Not closed: the file is still to be synced.
                var zip = new ZipOutputStream(new BufferedOutputStream(out));
                for (String file : files) {
                    var entry = new ZipEntry(file);
                    // No clock in it: the same repository gives the same archive.
                    entry.setTimeLocal(LocalDateTime.of(2020, 1, 1, 0, 0));
                    zip.putNextEntry(entry);
                    Files.copy(repository.resolve(file), zip);
                    zip.closeEntry();
                }
                zip.finish();
                zip.flush();
            });
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE, "The archive %s cannot be written: %s.".formatted(archive, e), e);
        }
    }

    static Path read(Path archive, String publisher, Path into) throws RepositoryException {
        try (var zip = new ZipFile(archive.toFile())) {
            byte[] index = entry(zip, IndexDocument.FILE);
            SignedIndex signed = SignedIndex.parse(index);
            if (!signed.isBy(publisher)) {
                throw new RepositoryException(
                        Kind.UNTRUSTED,
                        "The archive %s is refused: its index is not signed by %s.".formatted(archive, publisher));
            }
            // One folder a publisher: a later archive of the same publisher takes the place of the earlier
            // one.
            Path folder = into.resolve(
                    Sha256.of(publisher.getBytes(StandardCharsets.UTF_8)).substring(0, 16));
            IndexDocument document = IndexReader.read(base(folder), signed.document(), Optional.of(publisher));
            Map<String, BundleRef> bundles = new TreeMap<>();
            for (IndexedResource resource : document.resources()) {
                bundles.put(name(folder, resource.ref()), resource.ref());
            }
            checkSuccession(folder, document, signed, publisher);
            for (var bundle : bundles.entrySet()) {
                check(zip, archive, bundle.getKey(), bundle.getValue());
            }
            unpack(zip, folder, bundles);
            AtomicFiles.write(folder.resolve(IndexDocument.FILE), index);
            removeOthers(folder, bundles.keySet());
            return folder;
        } catch (IOException | IllegalArgumentException e) {
            throw new RepositoryException(
                    Kind.INVALID, "The archive %s cannot be read: %s.".formatted(archive, e.getMessage()), e);
        }
    }

    /// Ends in a slash, though the folder may not be there yet.
    private static URI base(Path folder) {
        String uri = folder.toUri().toString();
        return URI.create(uri.endsWith("/") ? uri : uri + "/");
    }

    private static String name(Path folder, BundleRef ref) {
        return folder.toAbsolutePath()
                .relativize(Path.of(ref.location()))
                .toString()
                .replace('\\', '/');
    }

    /// What was imported before is not taken back, and no version changes.
    private static void checkSuccession(Path folder, IndexDocument document, SignedIndex signed, String publisher)
            throws RepositoryException, IOException {
        Path file = folder.resolve(IndexDocument.FILE);
        if (!Files.exists(file)) {
            return;
        }
        SignedIndex before = SignedIndex.parse(Files.readAllBytes(file));
        IndexDocument known = IndexReader.read(base(folder), before.document(), Optional.of(publisher));
        if (document.sequence() < known.sequence()) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The archive is refused: its sequence number %d is older than %d, which was imported before."
                            .formatted(document.sequence(), known.sequence()));
        }
        if (document.sequence() == known.sequence()
                && !Sha256.of(signed.document()).equals(Sha256.of(before.document()))) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The archive is refused: another index with the sequence number %d was imported before. Its publisher must publish again."
                            .formatted(document.sequence()));
        }
        Map<String, String> digests = new HashMap<>();
        known.resources().forEach(r -> digests.put(r.ref().id(), r.ref().sha256()));
        for (IndexedResource resource : document.resources()) {
            BundleRef ref = resource.ref();
            if (!digests.getOrDefault(ref.id(), ref.sha256()).equals(ref.sha256())) {
                throw new RepositoryException(
                        Kind.CONFLICT,
                        "The archive is refused: %s was imported before with another content, and a version never changes."
                                .formatted(ref.id()));
            }
        }
    }

    private static void check(ZipFile zip, Path archive, String name, BundleRef ref)
            throws RepositoryException, IOException {
        try (InputStream in = open(zip, name, ref)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.INVALID, "The archive %s is refused: %s: %s.".formatted(archive, name, e.getMessage()), e);
        }
        try (InputStream in = open(zip, name, ref)) {
            BundleInspector.inspect(ref.id(), in);
        }
    }

    private static void unpack(ZipFile zip, Path folder, Map<String, BundleRef> bundles) throws IOException {
        AtomicFiles.createFolders(folder.resolve("bundles"));
        for (var bundle : bundles.entrySet()) {
            Path target = folder.resolve(bundle.getKey());
            AtomicFiles.createFolders(target.getParent());
            AtomicFiles.clean(target.getParent());
            BundleRef ref = bundle.getValue();
            boolean there = Files.exists(target) && Sha256.of(target).equals(ref.sha256());
            if (!there) {
                AtomicFiles.write(target, out -> {
                    try (InputStream in = open(zip, bundle.getKey(), ref)) {
                        in.transferTo(out);
                    }
                });
            }
        }
    }

    private static void removeOthers(Path folder, Set<String> names) throws IOException {
        Set<Path> named = names.stream().map(folder::resolve).collect(Collectors.toSet());
        List<Path> others;
        try (Stream<Path> files = Files.walk(folder.resolve("bundles"))) {
            others = files.filter(Files::isRegularFile)
                    .filter(file -> !named.contains(file))
                    .toList();
        }
        for (Path other : others) {
            Files.deleteIfExists(other);
        }
    }

    private static InputStream open(ZipFile zip, String name, BundleRef ref) throws IOException {
        return new VerifiedStream(zip.getInputStream(present(zip, name)), ref);
    }

    private static byte[] entry(ZipFile zip, String name) throws IOException {
        try (InputStream in = zip.getInputStream(present(zip, name))) {
            return BundleInspector.readBounded(in, IndexLimits.INDEX_BYTES, name);
        }
    }

    private static ZipEntry present(ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IOException(name + " is missing");
        }
        return entry;
    }
}
