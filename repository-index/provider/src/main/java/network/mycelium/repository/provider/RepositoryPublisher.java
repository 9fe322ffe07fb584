package network.mycelium.repository.provider;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import network.mycelium.files.AtomicFiles;
import network.mycelium.files.Sha256;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleRef.Chunk;
import network.mycelium.repository.Publisher;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryException.Kind;
import org.apache.felix.utils.resource.CapabilityImpl;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/// Keeps a repository folder: `index.xml` and `bundles/NAME-VERSION.jar`. Every bundle is written before the index that
/// names it, and the index is replaced together with its signature, so whoever reads meanwhile has the old or the new.
/// Two publishers of one folder wait for each other.
@Component
public final class RepositoryPublisher implements Publisher {
    private static final String MIME = "application/vnd.osgi.bundle";

    private final Path archives;

    @Activate
    public RepositoryPublisher(BundleContext context) {
        this(Path.of(context.getProperty("mycelium.home"), "data", "archives"));
    }

    /// @param archives where imported archives are unpacked
    public RepositoryPublisher(Path archives) {
        this.archives = archives;
    }

    @Override
    public String generateKey(Path file) throws RepositoryException {
        try {
            return Ed25519.generate(file).id();
        } catch (FileAlreadyExistsException e) {
            throw new RepositoryException(
                    Kind.CONFLICT, "There is a file %s already; keys are never overwritten.".formatted(file), e);
        } catch (IOException | GeneralSecurityException e) {
            throw new RepositoryException(Kind.STORAGE, "The key %s cannot be written: %s.".formatted(file, e), e);
        }
    }

    /// The id of an existing private key.
    ///
    /// @throws RepositoryException INVALID if the file holds no Ed25519 key
    public String keyId(Path key) throws RepositoryException {
        return signer(key).id();
    }

    private static Ed25519.Signer signer(Path key) throws RepositoryException {
        try {
            return Ed25519.read(key);
        } catch (NoSuchFileException e) {
            throw new RepositoryException(
                    Kind.NOT_FOUND, "There is no key %s; make one with `repo keygen FILE`.".formatted(key), e);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new RepositoryException(
                    Kind.INVALID, "The key %s cannot be used: %s.".formatted(key, e.getMessage()), e);
        }
    }

    @Override
    public List<BundleRef> publish(Path repository, Path key, List<Path> bundles, Instant expires)
            throws RepositoryException {
        Ed25519.Signer signer = signer(key);
        if (bundles.isEmpty() && !Files.exists(repository.resolve(IndexDocument.FILE))) {
            throw new RepositoryException(
                    Kind.NOT_FOUND, "There is no repository %s whose index could be renewed.".formatted(repository));
        }
        try {
            AtomicFiles.createFolders(repository.resolve("bundles"));
            try (var lock = FileChannel.open(
                            repository.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                assert held.isValid();
                AtomicFiles.clean(repository);
                AtomicFiles.clean(repository.resolve("bundles"));
                return publishLocked(repository, signer, bundles, expires);
            }
        } catch (IOException e) {
            throw new RepositoryException(
                    Kind.STORAGE, "The repository %s cannot be written: %s.".formatted(repository, e), e);
        }
    }

    private List<BundleRef> publishLocked(Path repository, Ed25519.Signer signer, List<Path> bundles, Instant expires)
            throws RepositoryException, IOException {
        IndexDocument old = Files.exists(repository.resolve(IndexDocument.FILE))
                ? readSigned(repository, signer.id())
                : new IndexDocument(repository.toAbsolutePath().getFileName().toString(), 0, List.of());
        Map<String, IndexedResource> byId = new HashMap<>();
        old.resources().forEach(r -> byId.put(r.ref().id(), r));
        List<BundleRef> published = new ArrayList<>();
        for (Path bundle : bundles) {
            IndexedResource resource = indexed(bundle, signer);
            IndexedResource before = byId.put(resource.ref().id(), resource);
            if (before != null && !before.ref().sha256().equals(resource.ref().sha256())) {
                throw new RepositoryException(
                        Kind.CONFLICT,
                        "%s is published already with another content. A version never changes: raise Bundle-Version."
                                .formatted(resource.ref().id()));
            }
            AtomicFiles.write(repository.resolve(file(resource.ref())), out -> {
                // What was signed is what is published, should the file have changed since.
                try (InputStream in = new VerifiedStream(Files.newInputStream(bundle), resource.ref())) {
                    in.transferTo(out);
                }
            });
            published.add(resource.ref());
        }
        var all = new ArrayList<>(byId.values());
        all.sort(Comparator.comparing((IndexedResource r) -> r.ref().symbolicName())
                .thenComparing(r -> Version.parseVersion(r.ref().version())));
        Path index = repository.resolve(IndexDocument.FILE);
        // Where nothing is new, the same document is signed for longer.
        byte[] document = bundles.isEmpty()
                ? SignedIndex.parse(Files.readAllBytes(index)).document()
                : IndexWriter.write(old.name(), old.sequence() + 1, all);
        try {
            AtomicFiles.write(index, SignedIndex.sign(document, expires, signer));
        } catch (GeneralSecurityException e) {
            throw new RepositoryException(Kind.INVALID, "Signing failed: " + e.getMessage() + ".", e);
        }
        return published;
    }

    /// What is to be known of a bundle before it is read.
    private static long size(Path bundle) throws RepositoryException {
        try {
            long size = Files.size(bundle);
            if (size > IndexLimits.BUNDLE_BYTES) {
                throw new RepositoryException(
                        Kind.INVALID,
                        "The bundle %s is larger than %d bytes.".formatted(bundle, IndexLimits.BUNDLE_BYTES));
            }
            return size;
        } catch (IOException e) {
            throw new RepositoryException(Kind.NOT_FOUND, "The bundle %s cannot be read: %s.".formatted(bundle, e), e);
        }
    }

    private static IndexedResource indexed(Path bundle, Ed25519.Signer signer) throws RepositoryException, IOException {
        long size = size(bundle);
        String name = bundle.toString();
        Map<String, String> headers;
        try (InputStream in = Files.newInputStream(bundle)) {
            headers = BundleInspector.inspect(name, in);
        }
        if (headers.getOrDefault(Constants.BUNDLE_LICENSE, "").isBlank()) {
            throw new RepositoryException(
                    Kind.INVALID,
                    "The bundle %s has no Bundle-License. Say under what terms it may be used, e.g. `Bundle-License: MIT`."
                            .formatted(name));
        }
        IndexedResource resource = BundleInspector.resource(name, headers);
        String symbolicName =
                headers.get(Constants.BUNDLE_SYMBOLICNAME).split(";", 2)[0].strip();
        String version = Version.parseVersion(headers.getOrDefault(Constants.BUNDLE_VERSION, "0"))
                .toString();
        String sha256 = Sha256.of(bundle);
        List<Chunk> chunks;
        try (InputStream in = Files.newInputStream(bundle)) {
            chunks = Chunker.cut(in);
        }
        String signature;
        try {
            signature = Base64.getEncoder()
                    .encodeToString(signer.sign(
                            BundleStatement.CONTEXT, BundleStatement.of(symbolicName, version, size, sha256)));
        } catch (GeneralSecurityException e) {
            throw new RepositoryException(Kind.INVALID, "Signing failed: " + e.getMessage() + ".", e);
        }
        var ref = new BundleRef(
                symbolicName,
                version,
                sha256,
                size,
                URI.create("bundles/" + symbolicName + "-" + version + ".jar"),
                Optional.of(signer.id()),
                signature,
                headers.get(Constants.BUNDLE_LICENSE),
                chunks);
        resource.ref(ref);
        resource.addCapability(new CapabilityImpl(
                resource,
                IndexDocument.CONTENT_NAMESPACE,
                Map.of(),
                Map.of(
                        IndexDocument.CONTENT_NAMESPACE,
                        sha256,
                        "url",
                        file(ref),
                        "size",
                        size,
                        "mime",
                        MIME,
                        IndexDocument.CHUNKS,
                        chunks(ref))));
        resource.addCapability(new CapabilityImpl(
                resource,
                IndexDocument.SIGNATURE_NAMESPACE,
                Map.of(),
                Map.of("publisher", signer.id(), "signature", signature)));
        return resource;
    }

    private static String chunks(BundleRef ref) {
        return ref.chunks().stream()
                .map(chunk -> chunk.sha256() + ":" + chunk.size())
                .collect(Collectors.joining(" "));
    }

    private static String file(BundleRef ref) {
        return "bundles/" + ref.symbolicName() + "-" + ref.version() + ".jar";
    }

    private static IndexDocument readSigned(Path repository, String publisher) throws RepositoryException {
        try {
            SignedIndex signed = SignedIndex.parse(Files.readAllBytes(repository.resolve(IndexDocument.FILE)));
            if (!signed.isBy(publisher)) {
                throw new RepositoryException(
                        Kind.UNTRUSTED, "The index in %s is not signed by %s.".formatted(repository, publisher));
            }
            return IndexReader.read(repository.toUri(), signed.document(), Optional.of(publisher));
        } catch (IOException | IllegalArgumentException e) {
            throw new RepositoryException(
                    Kind.INVALID, "The index in %s cannot be read: %s.".formatted(repository, e), e);
        }
    }

    @Override
    public List<Check> verify(Path repository, String publisher) throws RepositoryException {
        List<Check> checks = new ArrayList<>();
        for (IndexedResource resource : readSigned(repository, publisher).resources()) {
            BundleRef ref = resource.ref();
            checks.add(new Check(ref, problem(ref)));
        }
        return checks;
    }

    private static String problem(BundleRef ref) {
        try {
            Path bundle = Path.of(ref.location());
            if (size(bundle) != ref.size() || !Sha256.of(bundle).equals(ref.sha256())) {
                return "its digest is not the one in the index";
            }
            byte[] statement = BundleStatement.of(ref.symbolicName(), ref.version(), ref.size(), ref.sha256());
            if (!Ed25519.verify(
                    ref.publisher().orElseThrow(),
                    BundleStatement.CONTEXT,
                    statement,
                    Base64.getDecoder().decode(ref.signature()))) {
                return "its signature is not by its publisher";
            }
            try (InputStream in = Files.newInputStream(bundle)) {
                BundleInspector.inspect(ref.id(), in);
            }
            return "";
        } catch (RepositoryException e) {
            return e.getMessage();
        } catch (IOException e) {
            return "it cannot be read: " + e;
        } catch (IllegalArgumentException e) {
            return "its signature cannot be read";
        }
    }

    @Override
    public void exportArchive(Path repository, String publisher, Path archive) throws RepositoryException {
        for (Check check : verify(repository, publisher)) {
            if (!check.problem().isEmpty()) {
                throw new RepositoryException(
                        Kind.INVALID,
                        "Nothing was exported: %s: %s.".formatted(check.bundle().id(), check.problem()));
            }
        }
        List<String> files = new ArrayList<>(List.of(IndexDocument.FILE));
        readSigned(repository, publisher).resources().forEach(r -> files.add(file(r.ref())));
        Archives.write(repository, files, archive);
    }

    @Override
    public Path importArchive(Path archive, String publisher) throws RepositoryException {
        return Archives.read(archive, publisher, archives);
    }
}
