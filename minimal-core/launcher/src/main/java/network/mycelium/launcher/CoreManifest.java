package network.mycelium.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import network.mycelium.files.Sha256;

/// The signed list of the files that make up the core: `core.manifest`, one line a file, `SHA-256 SP size SP
/// path`, beside `core.manifest.sig` (Ed25519, Base64, over [#CONTEXT] and the manifest's bytes) and
/// `release.pub` (the signer's X.509 public key, Base64).
///
/// Verification happens before any class of the core is loaded: the framework's before the framework starts, the
/// bundles' before the first of them does. A file that the manifest does not name is as much
/// a failure as one that differs: it could otherwise be picked up by its folder.
public final class CoreManifest {
    public static final String FILE = "core.manifest";
    public static final String SIGNATURE_FILE = "core.manifest.sig";
    public static final String KEY_FILE = "release.pub";
    /// What the manifest covers, relative to the distribution. The bundles of the repository are covered by its
    /// index, which is covered here with the key that signed it.
    static final List<String> COVERED = List.of("lib", "core", "repository/index.xml", "repository/publisher");
    private static final String BUNDLES = "core/";
    /// Domain separation: a signature made for another purpose is not valid here.
    static final byte[] CONTEXT = "mycelium-core-manifest-v1\n".getBytes(StandardCharsets.US_ASCII);

    private static final int MAX_BYTES = 1 << 20;

    private record Entry(String sha256, long size, String path) {}

    private CoreManifest() {}

    /// What was verified.
    ///
    /// @param key the signer's public key, Base64: for the caller to compare with the one that this node trusts
    /// @param sha256 digest of the manifest
    /// @param bundles still at work
    record Verified(String key, String sha256, Bundles bundles) {}

    /// The digests of the bundles are worked out while the framework, which was verified before, reads what the
    /// bundles say of themselves: it takes about as long.
    static final class Bundles {
        private final Path dist;
        private final FutureTask<String> difference;

        private Bundles(Path dist, List<Entry> entries) {
            this.dist = dist;
            this.difference = new FutureTask<>(() -> firstDifference(dist, entries));
            // One thread: the compiler that makes hashing fast needs the other core.
            Thread.ofPlatform().daemon().name("core-verify").start(difference);
        }

        /// Blocks until all bundles are verified; no class of them may be loaded before.
        ///
        /// @throws LaunchException CORE_TAMPERED if one differs
        void await() throws LaunchException {
            String found;
            try {
                found = difference.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LaunchException(ExitCode.CORE_TAMPERED, "Interrupted while the core was verified.", e);
            } catch (ExecutionException e) {
                found = String.valueOf(e.getCause());
            }
            if (found != null) {
                throw tampered(dist, found);
            }
        }
    }

    /// Verifies the distribution: the manifest against its signature, and every file against the manifest, of
    /// which the bundles are still at work when this returns.
    ///
    /// @param dist the distribution's folder
    /// @param known digests of manifests whose signatures this node verified before; those are not verified
    ///     again, which takes longer than all else here
    static Verified verify(Path dist, Collection<String> known) throws LaunchException {
        try {
            byte[] manifest = readBounded(dist.resolve(FILE));
            String key = Files.readString(dist.resolve(KEY_FILE)).strip();
            String sha256 = Sha256.of(manifest);
            if (!known.contains(sha256)) {
                verifySignature(dist, manifest, key);
            }
            return new Verified(key, sha256, verifyFiles(dist, parse(manifest)));
        } catch (IOException e) {
            throw tampered(dist, NodeHome.describe(e));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw tampered(dist, "the signature cannot be checked: " + e.getMessage());
        }
    }

    private static void verifySignature(Path dist, byte[] manifest, String key)
            throws LaunchException, IOException, GeneralSecurityException {
        byte[] signature = Base64.getMimeDecoder().decode(Files.readString(dist.resolve(SIGNATURE_FILE)));
        var verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(publicKey(key));
        verifier.update(CONTEXT);
        verifier.update(manifest);
        if (!verifier.verify(signature)) {
            throw tampered(dist, "the signature of " + FILE + " does not match its content");
        }
    }

    /// Signs for [#write].
    public interface Signer {
        /// @return the Ed25519 signature over the content
        byte[] sign(byte[] content) throws GeneralSecurityException;
    }

    /// Writes the manifest and its signature over what the distribution holds now. Used when a distribution is
    /// made.
    public static void write(Path dist, Signer signer, PublicKey publicKey)
            throws IOException, GeneralSecurityException {
        var text = new StringBuilder();
        for (var path : coveredFiles(dist)) {
            text.append(Sha256.of(dist.resolve(path))).append(' ');
            text.append(Files.size(dist.resolve(path))).append(' ').append(path).append('\n');
        }
        byte[] manifest = text.toString().getBytes(StandardCharsets.UTF_8);
        byte[] signed = Arrays.copyOf(CONTEXT, CONTEXT.length + manifest.length);
        System.arraycopy(manifest, 0, signed, CONTEXT.length, manifest.length);
        byte[] signature = signer.sign(signed);
        Files.write(dist.resolve(FILE), manifest);
        Files.writeString(dist.resolve(SIGNATURE_FILE), Base64.getEncoder().encodeToString(signature) + "\n");
        Files.writeString(dist.resolve(KEY_FILE), Base64.getEncoder().encodeToString(publicKey.getEncoded()) + "\n");
    }

    private static Bundles verifyFiles(Path dist, List<Entry> entries) throws LaunchException, IOException {
        Set<String> named = new HashSet<>();
        entries.forEach(e -> named.add(e.path()));
        for (var path : coveredFiles(dist)) {
            if (!named.contains(path)) {
                throw tampered(dist, path + " is not in the manifest");
            }
        }
        List<Entry> inBundles = new ArrayList<>();
        List<Entry> others = new ArrayList<>();
        entries.forEach(e -> (e.path().startsWith(BUNDLES) ? inBundles : others).add(e));
        String difference = firstDifference(dist, others);
        if (difference != null) {
            throw tampered(dist, difference);
        }
        return new Bundles(dist, inBundles);
    }

    private static String firstDifference(Path dist, List<Entry> entries) throws IOException {
        for (Entry entry : entries) {
            Path file = dist.resolve(entry.path());
            if (!Files.isRegularFile(file)) {
                return entry.path() + " is missing";
            }
            if (Files.size(file) != entry.size() || !Sha256.of(file).equals(entry.sha256())) {
                return entry.path() + " differs from its digest";
            }
        }
        return null;
    }

    private static List<Entry> parse(byte[] manifest) {
        List<Entry> entries = new ArrayList<>();
        for (var line : new String(manifest, StandardCharsets.UTF_8).split("\n")) {
            String[] part = line.split(" ", 3);
            if (part.length != 3 || part[2].contains("..") || part[2].startsWith("/")) {
                throw new IllegalArgumentException("malformed line in " + FILE + ": " + line);
            }
            entries.add(new Entry(part[0], Long.parseLong(part[1]), part[2]));
        }
        return entries;
    }

    private static List<String> coveredFiles(Path dist) throws IOException {
        List<String> files = new ArrayList<>();
        for (var folder : COVERED) {
            if (Files.exists(dist.resolve(folder))) {
                Files.walkFileTree(dist.resolve(folder), new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attrs) {
                        files.add(dist.relativize(file).toString().replace('\\', '/'));
                        return FileVisitResult.CONTINUE;
                    }
                });
            }
        }
        files.sort(null);
        return files;
    }

    private static byte[] readBounded(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }

    static PublicKey publicKey(String base64) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }

    private static LaunchException tampered(Path dist, String what) {
        return new LaunchException(
                ExitCode.CORE_TAMPERED,
                "The core in %s is not what was released: %s. Nothing of it was started. Install the distribution again."
                        .formatted(dist, what));
    }
}
