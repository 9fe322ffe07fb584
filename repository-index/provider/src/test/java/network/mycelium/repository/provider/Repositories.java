package network.mycelium.repository.provider;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryException;

/// Bundles, keys and signed repositories for tests, in one folder.
final class Repositories {
    final Path folder;
    final RepositoryPublisher publisher;

    Repositories(Path folder) {
        this.folder = folder;
        this.publisher = new RepositoryPublisher(folder.resolve("archives"));
    }

    /// @param headers name and value in turns, besides name, version and licence
    Path bundle(String name, String version, String... headers) throws IOException {
        return bundle(name, version, 0, headers);
    }

    /// @param bytes of noise in it
    Path bundle(String name, String version, int bytes, String... headers) throws IOException {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "Manifest-Version", "1.0",
                "Bundle-ManifestVersion", "2",
                "Bundle-SymbolicName", name,
                "Bundle-Version", version,
                "Bundle-License", "MIT"));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        var manifest = new Manifest();
        all.forEach(manifest.getMainAttributes()::putValue);
        Path jar = Files.createDirectories(folder.resolve("jars")).resolve(name + "-" + version + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                var zip = new JarOutputStream(out, manifest)) {
            if (bytes > 0) {
                var entry = new ZipEntry("noise");
                entry.setTime(0);
                zip.putNextEntry(entry);
                byte[] noise = new byte[bytes];
                new Random(jar.toString().hashCode()).nextBytes(noise);
                zip.write(noise);
                zip.closeEntry();
            }
        }
        return jar;
    }

    Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /// @return the id of the key
    String keygen(String name) throws RepositoryException {
        return publisher.generateKey(key(name));
    }

    Path repository(String name) {
        return folder.resolve(name);
    }

    /// @return the repository's address
    URI publish(String name, Path... bundles) throws RepositoryException {
        return publish(name, Instant.MAX, bundles);
    }

    URI publish(String name, Instant expires, Path... bundles) throws RepositoryException {
        if (!Files.exists(key(name))) {
            keygen(name);
        }
        publisher.publish(repository(name), key(name), List.of(bundles), expires);
        return repository(name).toUri();
    }

    String id(String name) throws RepositoryException {
        return publisher.keyId(key(name));
    }

    /// What the index lists.
    List<BundleRef> refs(String name) throws Exception {
        List<BundleRef> refs = new ArrayList<>();
        SignedIndex index =
                SignedIndex.parse(Files.readAllBytes(repository(name).resolve(IndexDocument.FILE)));
        IndexReader.read(repository(name).toUri(), index.document(), Optional.of(id(name)))
                .resources()
                .forEach(r -> refs.add(r.ref()));
        return refs;
    }

    BundleRef ref(String name, String symbolicName) throws Exception {
        return refs(name).stream()
                .filter(r -> r.symbolicName().equals(symbolicName))
                .findFirst()
                .orElseThrow();
    }
}
