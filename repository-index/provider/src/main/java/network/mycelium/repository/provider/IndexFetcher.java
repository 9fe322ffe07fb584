package network.mycelium.repository.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.mycelium.files.AtomicFiles;
import network.mycelium.files.Sha256;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;

/// Fetches and verifies one index, and keeps the last copy that was accepted for when its source does not answer.
/// Beside the copy lies what was read of it, as a [CompactIndex].
final class IndexFetcher {
    private static final Logger LOG = System.getLogger(IndexFetcher.class.getName());

    /// A verified index.
    ///
    /// @param source with the number and digest of this index
    /// @param expires when its publisher no longer stands by it
    /// @param fresh the file itself; empty where the copy is the same
    record Fetched(CompactIndex index, TrustedSource source, Instant expires, Optional<byte[]> fresh) {}

    private final UrlReader reader;
    private final Path copies;

    IndexFetcher(UrlReader reader, Path copies) throws IOException {
        this.reader = reader;
        this.copies = copies;
        AtomicFiles.createFolders(copies);
        AtomicFiles.clean(copies);
    }

    /// From the source itself.
    Fetched fetch(TrustedSource source) throws RepositoryException {
        try {
            return check(source, read(source.location().resolve(IndexDocument.FILE), IndexLimits.INDEX_BYTES));
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.UNAVAILABLE, "The index at %s cannot be read: %s.".formatted(source.location(), e), e);
        }
    }

    /// The last copy that was accepted, verified again.
    Fetched copy(TrustedSource source) throws RepositoryException {
        try {
            return check(source, Files.readAllBytes(copyOf(source)));
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.UNAVAILABLE,
                    "There is no copy of the index of %s on this node.".formatted(source.location()),
                    e);
        }
    }

    /// Keeps a copy.
    void keep(Fetched fetched) throws RepositoryException {
        if (fetched.fresh().isEmpty()) {
            return;
        }
        try {
            AtomicFiles.write(copyOf(fetched.source()), fetched.fresh().get());
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE,
                    "The index of %s cannot be kept in %s: %s."
                            .formatted(fetched.source().location(), copies, e),
                    e);
        }
    }

    /// Deletes what is kept of a source.
    void forget(TrustedSource source) throws IOException {
        Path copy = copyOf(source);
        for (Path file : List.of(compactOf(copy), copy)) {
            AtomicFiles.delete(file);
        }
    }

    private byte[] read(URI location, int limit) throws IOException {
        try (var in = reader.open(location)) {
            return BundleInspector.readBounded(in, limit, location.toString());
        }
    }

    private Fetched check(TrustedSource source, byte[] file) throws RepositoryException {
        SignedIndex signed = SignedIndex.parse(file);
        String sha256 = Sha256.of(signed.document());
        CompactIndex read = readBefore(source, sha256);
        boolean kept = isKept(source, file);
        // What was read of an index is kept when its signature was verified. That of these very bytes need not
        // be verified again, which costs more than reading them.
        if (source.publisher().isPresent() && (read == null || !kept)) {
            checkSignature(source, signed);
        }
        if (read == null) {
            read = read(source, signed.document(), sha256);
        }
        return new Fetched(
                read,
                source.seen(read.sequence(), sha256),
                signed.expires(),
                kept ? Optional.empty() : Optional.of(file));
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

    private CompactIndex read(TrustedSource source, byte[] document, String sha256) throws RepositoryException {
        byte[] compact = CompactIndexWriter.write(
                IndexReader.read(source.location(), document, source.publisher()), source, sha256);
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

    /// Whether these are the bytes of the copy.
    private boolean isKept(TrustedSource source, byte[] file) {
        try {
            return Arrays.equals(file, Files.readAllBytes(copyOf(source)));
        } catch (IOException e) {
            // Then it is verified and kept once more.
            return false;
        }
    }

    private static void checkSignature(TrustedSource source, SignedIndex signed) throws RepositoryException {
        if (signed.signature().length == 0) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The index at %s is refused: its last line is no signature. Its publisher must publish it with this version of the node; an index.xml.sig beside it is of one that is no longer read."
                            .formatted(source.location()));
        }
        if (!signed.isBy(source.publisher().orElseThrow())) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The index at %s is refused: its signature is not by %s. Either it was changed on its way, or its publisher has a new key; ask, then `repo add` with that key."
                            .formatted(source.location(), source.publisher().orElseThrow()));
        }
    }

    private Path copyOf(TrustedSource source) {
        String name = Sha256.of(source.location().toString().getBytes(StandardCharsets.UTF_8));
        return copies.resolve(name.substring(0, 32) + ".xml");
    }

    private static Path compactOf(Path copy) {
        return copy.resolveSibling(copy.getFileName() + ".compact");
    }
}
