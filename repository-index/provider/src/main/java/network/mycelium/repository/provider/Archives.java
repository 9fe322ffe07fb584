package network.mycelium.repository.provider;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import network.mycelium.files.AtomicFiles;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;

/// A repository in one zip file. Reading takes only the files that the verified index names, each no longer than
/// it says, so neither a path nor a bomb in the archive reaches the disk.
final class Archives {
    private Archives() {}

    static void write(Path repository, List<String> files, Path archive) throws RepositoryException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (String file : files) {
                var entry = new ZipEntry(file);
                // No clock in it: the same repository gives the same archive.
                entry.setTimeLocal(java.time.LocalDateTime.of(2020, 1, 1, 0, 0));
                zip.putNextEntry(entry);
                Files.copy(repository.resolve(file), zip);
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE, "The archive %s cannot be written: %s.".formatted(archive, e), e);
        }
    }

    static Path read(Path archive, String publisher, Path into) throws RepositoryException {
        try (var zip = new ZipFile(archive.toFile())) {
            byte[] index = entry(zip, IndexDocument.FILE, IndexLimits.INDEX_BYTES);
            byte[] signature = entry(zip, IndexDocument.SIGNATURE_FILE, IndexLimits.SIGNATURE_BYTES);
            byte[] decoded = Base64.getDecoder().decode(new String(signature, StandardCharsets.US_ASCII).strip());
            if (!Ed25519.verify(publisher, IndexDocument.CONTEXT, index, decoded)) {
                throw new RepositoryException(
                        Kind.UNTRUSTED,
                        "The archive %s is refused: its index is not signed by %s.".formatted(archive, publisher));
            }
            // One folder a publisher: a later archive of the same publisher takes the place of the earlier one.
            Path folder = into.resolve(
                    Digests.sha256(publisher.getBytes(StandardCharsets.UTF_8)).substring(0, 16));
            Files.createDirectories(folder.resolve("bundles"));
            IndexDocument document = IndexReader.read(folder.toUri(), index, Optional.of(publisher));
            for (IndexedResource resource : document.resources()) {
                BundleRef ref = resource.ref();
                Path target = Path.of(ref.location());
                String name = folder.relativize(target).toString().replace('\\', '/');
                byte[] bytes = entry(zip, name, ref.size());
                if (!Digests.sha256(bytes).equals(ref.sha256())) {
                    throw new RepositoryException(
                            Kind.INVALID,
                            "The archive %s is refused: the digest of %s is not the one in its index."
                                    .formatted(archive, name));
                }
                BundleInspector.inspect(ref.id(), bytes);
                Files.createDirectories(target.getParent());
                AtomicFiles.write(target, bytes);
            }
            keepNewest(folder, document.sequence(), publisher);
            AtomicFiles.write(folder.resolve(IndexDocument.SIGNATURE_FILE), signature);
            AtomicFiles.write(folder.resolve(IndexDocument.FILE), index);
            return folder;
        } catch (IOException | IllegalArgumentException e) {
            throw new RepositoryException(
                    Kind.INVALID, "The archive %s cannot be read: %s.".formatted(archive, e.getMessage()), e);
        }
    }

    private static void keepNewest(Path folder, long sequence, String publisher)
            throws RepositoryException, IOException {
        Path before = folder.resolve(IndexDocument.FILE);
        if (Files.exists(before)) {
            long known = IndexReader.read(folder.toUri(), Files.readAllBytes(before), Optional.of(publisher))
                    .sequence();
            if (sequence < known) {
                throw new RepositoryException(
                        Kind.INVALID,
                        "The archive is refused: its sequence number %d is older than %d, which was imported before."
                                .formatted(sequence, known));
            }
        }
    }

    private static byte[] entry(ZipFile zip, String name, long limit) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IOException(name + " is missing");
        }
        try (var in = zip.getInputStream(entry)) {
            return BundleInspector.readBounded(in, limit, name);
        }
    }
}
