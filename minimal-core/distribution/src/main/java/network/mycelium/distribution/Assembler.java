package network.mycelium.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import network.mycelium.launcher.CoreManifest;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.provider.ReleaseKey;
import network.mycelium.repository.provider.RepositoryPublisher;

/// Makes the folder that a node starts from out of the staged jars: `lib/`, `core/NN-name/`, the signed
/// `repository/` and the signed core manifest; and beside it the same core as a component, by which nodes update
/// themselves. The key is `$MYCELIUM_RELEASE_KEY`, else one made once in
/// `~/.mycelium/keys`.
public final class Assembler {
    private Assembler() {}

    /// @param args staged jars, target folder, the `mycelium` script, `jvm.options`, the version
    public static void main(String[] args) throws IOException, GeneralSecurityException, RepositoryException {
        Path stage = Path.of(args[0]);
        Path dist = Path.of(args[1]);
        delete(dist);
        copy(stage.resolve("lib"), dist.resolve("lib"));
        copy(stage.resolve("core"), dist.resolve("core"));
        name(dist, args[4]);
        try (Stream<Path> jars = Files.walk(dist.resolve("core"))) {
            for (Path jar : jars.filter(file -> file.getFileName().toString().matches("(h2|libp2p)-[0-9].*"))
                    .toList()) {
                JarTrimmer.trim(jar);
            }
        }
        Files.copy(Path.of(args[2]), dist.resolve("mycelium"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(Path.of(args[3]), dist.resolve("lib/jvm.options"));
        Path key = releaseKey();
        var publisher = new RepositoryPublisher(stage.resolve("archives"));
        if (!Files.exists(key)) {
            publisher.generateKey(key);
        }
        List<Path> bundles;
        try (Stream<Path> jars = Files.list(stage.resolve("bundles"))) {
            bundles = jars.sorted().toList();
        }
        Path repository = dist.resolve("repository");
        // The manifest of the core says which index is the right one; a clock has no say in it.
        publisher.publish(repository, key, bundles, Instant.MAX);
        Files.delete(repository.resolve(".lock"));
        Files.writeString(repository.resolve("publisher"), publisher.keyId(key) + "\n");
        var signer = ReleaseKey.read(key);
        CoreManifest.write(dist, signer::sign, signer.publicKey());
        CoreArchive.write(dist, args[4], key, dist.resolveSibling("network.mycelium.core-" + args[4] + ".jar"));
    }

    /// Says which version a core is.
    static void name(Path dist, String version) throws IOException {
        Path file = dist.resolve("core/00-core/version");
        Files.createDirectories(file.getParent());
        Files.writeString(file, version + "\n");
    }

    /// The key that signs what this machine builds.
    public static Path releaseKey() {
        String key = System.getenv("MYCELIUM_RELEASE_KEY");
        return key != null ? Path.of(key) : Path.of(System.getProperty("user.home"), ".mycelium", "keys", "build.key");
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }
}
