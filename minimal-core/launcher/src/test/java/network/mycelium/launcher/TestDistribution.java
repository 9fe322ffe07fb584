package network.mycelium.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.BundleActivator;

/// A small distribution, signed with a key of its own.
final class TestDistribution {
    final Path dir;
    private final KeyPair key;

    private TestDistribution(Path dir, KeyPair key) {
        this.dir = dir;
        this.key = key;
    }

    static KeyPair key() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    static TestDistribution in(Path dir) throws IOException, GeneralSecurityException {
        return in(dir, key());
    }

    static TestDistribution in(Path dir, KeyPair key) throws IOException {
        var distribution = new TestDistribution(dir, key);
        distribution.file("core/00-core/version", "1.0.0\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        distribution.file("lib/framework.jar", new byte[10_000]);
        distribution.file("repository/index.xml", "<repository/>".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        distribution.file("repository/publisher", "ed25519:x\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return distribution;
    }

    TestDistribution file(String path, byte[] content) throws IOException {
        Files.createDirectories(dir.resolve(path).getParent());
        Files.write(dir.resolve(path), content);
        return this;
    }

    TestDistribution bundle(String path, String name, Class<? extends BundleActivator> activator) throws IOException {
        return file(path, jar(name, activator));
    }

    TestDistribution sign() throws IOException, GeneralSecurityException {
        CoreManifest.write(
                dir,
                content -> {
                    var signature = Signature.getInstance("Ed25519");
                    signature.initSign(key.getPrivate());
                    signature.update(content);
                    return signature.sign();
                },
                key.getPublic());
        return this;
    }

    private static byte[] jar(String name, Class<? extends BundleActivator> activator) throws IOException {
        var manifest = new Manifest();
        var main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue("Import-Package", "org.osgi.framework");
        main.putValue("Bundle-Activator", activator.getName());
        var bytes = new ByteArrayOutputStream();
        try (var out = new JarOutputStream(bytes, manifest)) {
            String path = activator.getName().replace('.', '/') + ".class";
            out.putNextEntry(new JarEntry(path));
            try (InputStream in = activator.getClassLoader().getResourceAsStream(path)) {
                in.transferTo(out);
            }
        }
        return bytes.toByteArray();
    }
}
