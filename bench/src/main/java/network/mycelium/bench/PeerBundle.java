package network.mycelium.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

/// A bundle of 4 KB that registers one service when it starts, for any OSGi framework on Java 17 or newer; here also a
/// component.
final class PeerBundle {
    static final String NAME = "peer.bundle";
    private static final int SIZE = 4096;

    private PeerBundle() {}

    /// @param folder where to build it
    static Path make(Path folder) throws IOException {
        return withPadding(folder, SIZE);
    }

    /// The same, padded to another size.
    static Path withPadding(Path folder, int size) throws IOException {
        Path source = Files.createDirectories(folder.resolve("peer")).resolve("Activator.java");
        try (InputStream in = PeerBundle.class.getResourceAsStream("/peer/Activator.java")) {
            Files.write(source, in.readAllBytes());
        }
        String classPath = System.getProperty("java.class.path");
        int exit = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "--release", "17", "-cp", classPath, source.toString());
        if (exit != 0) {
            throw new IOException("the bundle's activator does not compile");
        }
        Manifest manifest = manifest(
                NAME,
                Map.of(
                        "Bundle-Activator",
                        "peer.Activator",
                        "Import-Package",
                        "org.osgi.framework;version=\"[1.8,2)\"",
                        "Provide-Capability",
                        "mycelium.component;mycelium.component=\"" + NAME + "\";version:Version=\"1.0\","
                                + "osgi.service;objectClass:List<String>=\"java.util.function.Supplier\";effective:=active"));
        Path jar = folder.resolve(NAME + ".jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new ZipEntry("peer/Activator.class"));
            out.write(Files.readAllBytes(folder.resolve("peer/Activator.class")));
            out.putNextEntry(new ZipEntry("padding"));
            out.flush();
            byte[] padding = new byte[Math.max(0, size - (int) Files.size(jar) - 500)];
            new Random(1).nextBytes(padding);
            out.write(padding);
        }
        return jar;
    }

    /// Of a bundle of version 1.0.0.
    static Manifest manifest(String name, Map<String, String> headers) {
        var manifest = new Manifest();
        var main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", name);
        main.putValue("Bundle-Version", "1.0.0");
        main.putValue("Bundle-License", "MIT");
        headers.forEach(main::putValue);
        return manifest;
    }
}
