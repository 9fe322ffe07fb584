package network.mycelium.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import network.mycelium.files.AtomicFiles;
import network.mycelium.launcher.CoreManifest;
import network.mycelium.launcher.update.CoreUpdate;
import network.mycelium.repository.provider.ReleaseKey;

/// A core as a component, by which nodes update themselves: its bundles, signed with the release key, and the activator
/// that puts them beside the core that runs.
public final class CoreArchive {
    /// The same core gives the same bytes, whenever it is made; the earliest time that an archive can hold.
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private CoreArchive() {}

    /// @param dist whose `core/` it is
    public static void write(Path dist, String version, Path releaseKey, Path archive)
            throws IOException, GeneralSecurityException {
        Path work = Files.createTempDirectory("core");
        try {
            Assembler.copy(dist.resolve("core"), work.resolve("core"));
            Assembler.name(work, version);
            var signer = ReleaseKey.read(releaseKey);
            CoreManifest.write(work, signer::sign, signer.publicKey());
            try (var out = new JarOutputStream(Files.newOutputStream(archive));
                    Stream<Path> files = Files.walk(work)) {
                out.putNextEntry(entry(JarFile.MANIFEST_NAME));
                manifest(version).write(out);
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    out.putNextEntry(entry(work.relativize(file).toString().replace('\\', '/')));
                    Files.copy(file, out);
                }
                for (Class<?> part : List.of(CoreUpdate.class, AtomicFiles.class, AtomicFiles.Content.class)) {
                    String name = part.getName().replace('.', '/') + ".class";
                    out.putNextEntry(entry(name));
                    try (InputStream in = part.getClassLoader().getResourceAsStream(name)) {
                        in.transferTo(out);
                    }
                }
            }
        } finally {
            Assembler.delete(work);
        }
    }

    private static ZipEntry entry(String name) {
        var entry = new ZipEntry(name);
        entry.setTimeLocal(ENTRY_TIME);
        return entry;
    }

    private static Manifest manifest(String version) {
        var manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        for (List<String> header : List.of(
                List.of("Bundle-SymbolicName", "network.mycelium.core"),
                List.of("Bundle-Version", version),
                List.of("Bundle-License", "MIT"),
                List.of("Bundle-Activator", CoreUpdate.class.getName()),
                List.of("Import-Package", "org.osgi.framework"),
                List.of(
                        "Provide-Capability",
                        "mycelium.component;mycelium.component=\"core\";version:Version=\"" + version + "\""))) {
            main.putValue(header.getFirst(), header.getLast());
        }
        return manifest;
    }
}
