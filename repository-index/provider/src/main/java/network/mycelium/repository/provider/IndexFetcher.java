package network.mycelium.repository.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import network.mycelium.files.AtomicFiles;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;

/// Fetches and verifies one index, and keeps the last verified copy for when its source does not answer. Beside the
/// copy lies what was read of it, as a [CompactIndex].
final class IndexFetcher {
    private static final Logger LOG = System.getLogger(IndexFetcher.class.getName());

    /// A verified index.
    record Fetched(CompactIndex index, TrustedSource source) {}

    private final UrlReader reader;
    private final Path copies;

    IndexFetcher(UrlReader reader, Path copies) throws IOException {
        this.reader = reader;
        this.copies = Files.createDirectories(copies);
    }

    /// From the source itself.
    Fetched fetch(TrustedSource source) throws RepositoryException {
        byte[] index;
        byte[] signature;
        try {
            index = read(source.location().resolve(IndexDocument.FILE), IndexLimits.INDEX_BYTES);
            signature = source.publisher().isPresent()
                    ? read(source.location().resolve(IndexDocument.SIGNATURE_FILE), IndexLimits.SIGNATURE_BYTES)
                    : new byte[0];
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.UNAVAILABLE, "The index at %s cannot be read: %s.".formatted(source.location(), e), e);
        }
        Fetched fetched = check(source, index, signature);
        if (!isKept(source, index, signature)) {
            keepCopy(source, index, signature);
        }
        return fetched;
    }

    /// The last verified copy, verified again.
    Fetched copy(TrustedSource source) throws RepositoryException {
        Path copy = copyOf(source);
        try {
            return check(
                    source,
                    Files.readAllBytes(copy),
                    source.publisher().isPresent() ? Files.readAllBytes(signatureOf(copy)) : new byte[0]);
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.UNAVAILABLE,
                    "There is no copy of the index of %s on this node.".formatted(source.location()),
                    e);
        }
    }

    /// Deletes what is kept of a source.
    void forget(TrustedSource source) throws IOException {
        Path copy = copyOf(source);
        for (Path file : List.of(compactOf(copy), signatureOf(copy), copy)) {
            Files.deleteIfExists(file);
        }
    }

    private byte[] read(URI location, int limit) throws IOException {
        try (var in = reader.open(location)) {
            return BundleInspector.readBounded(in, limit, location.toString());
        }
    }

    private Fetched check(TrustedSource source, byte[] index, byte[] signature) throws RepositoryException {
        String sha256 = Digests.sha256(index);
        CompactIndex read = readBefore(source, sha256);
        // What was read of an index is kept when its signature was verified. That of these very bytes need not be
        // verified again, which costs more than reading them.
        boolean verified = read != null && isKept(source, index, signature);
        if (source.publisher().isPresent() && !verified) {
            checkSignature(source, index, signature);
        }
        if (read == null) {
            read = read(source, index, sha256);
        }
        if (source.publisher().isPresent()) {
            checkSequence(source, read.sequence(), sha256);
        }
        return new Fetched(read, source.seen(read.sequence(), sha256));
    }

    private CompactIndex readBefore(TrustedSource source, String sha256) {
        try {
            return CompactIndex.open(Files.readAllBytes(compactOf(copyOf(source))))
                    .filter(index -> index.isOf(source, sha256))
                    .orElse(null);
        } catch (IOException e) {
            // Then it is read and kept once more.
            return null;
        }
    }

    private CompactIndex read(TrustedSource source, byte[] index, String sha256) throws RepositoryException {
        byte[] compact = CompactIndexWriter.write(
                IndexReader.read(source.location(), index, source.publisher()), source, sha256);
        try {
            AtomicFiles.write(compactOf(copyOf(source)), compact);
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "What was read of the index of %s cannot be kept in %s: %s. The next start reads it again."
                            .formatted(source.location(), copies, e));
        }
        return CompactIndex.open(compact).orElseThrow();
    }

    /// Whether these are the bytes of the last verified copy.
    private boolean isKept(TrustedSource source, byte[] index, byte[] signature) {
        Path copy = copyOf(source);
        try {
            return Arrays.equals(signature, Files.readAllBytes(signatureOf(copy)))
                    && Arrays.equals(index, Files.readAllBytes(copy));
        } catch (IOException e) {
            // Then it is verified and kept once more.
            return false;
        }
    }

    private static void checkSignature(TrustedSource source, byte[] index, byte[] signature)
            throws RepositoryException {
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(new String(signature, StandardCharsets.US_ASCII).strip());
        } catch (IllegalArgumentException e) {
            decoded = new byte[0];
        }
        if (!Ed25519.verify(source.publisher().get(), IndexDocument.CONTEXT, index, decoded)) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The index at %s is refused: its signature is not by %s. Either it was changed on its way, or its publisher has a new key; ask, then `repo add` with that key."
                            .formatted(source.location(), source.publisher().get()));
        }
    }

    private static void checkSequence(TrustedSource source, long sequence, String sha256) throws RepositoryException {
        if (sequence < source.sequence()) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The index at %s is refused: its sequence number %d is older than %d, which this node has seen. Somebody may be replaying an old index."
                            .formatted(source.location(), sequence, source.sequence()));
        }
        if (sequence == source.sequence() && !sha256.equals(source.sha256())) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The index at %s is refused: there are two contents with the sequence number %d. Its publisher must publish again."
                            .formatted(source.location(), sequence));
        }
    }

    private void keepCopy(TrustedSource source, byte[] index, byte[] signature) throws RepositoryException {
        Path copy = copyOf(source);
        try {
            AtomicFiles.write(signatureOf(copy), signature);
            AtomicFiles.write(copy, index);
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE,
                    "The index of %s cannot be kept in %s: %s.".formatted(source.location(), copies, e),
                    e);
        }
    }

    private Path copyOf(TrustedSource source) {
        String name = Digests.sha256(source.location().toString().getBytes(StandardCharsets.UTF_8));
        return copies.resolve(name.substring(0, 32) + ".xml");
    }

    private static Path signatureOf(Path copy) {
        return copy.resolveSibling(copy.getFileName() + ".sig");
    }

    private static Path compactOf(Path copy) {
        return copy.resolveSibling(copy.getFileName() + ".compact");
    }
}
