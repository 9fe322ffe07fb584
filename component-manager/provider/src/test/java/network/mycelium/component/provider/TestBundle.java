package network.mycelium.component.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.BundleActivator;

/// A bundle of headers, and of classes of the tests.
final class TestBundle {
    private final String name;
    private final String version;
    private final Manifest manifest = new Manifest();
    private final List<Class<?>> classes = new ArrayList<>();

    private TestBundle(String name, String version) {
        this.name = name;
        this.version = version;
        header("Manifest-Version", "1.0");
        header("Bundle-ManifestVersion", "2");
        header("Bundle-SymbolicName", name);
        header("Bundle-Version", version);
        header("Bundle-License", "MIT");
    }

    static TestBundle named(String name, String version) {
        return new TestBundle(name, version);
    }

    /// The root of a component that is called as it is.
    static TestBundle component(String name, String version) {
        return named(name, version)
                .add(
                        "Provide-Capability",
                        "mycelium.component;mycelium.component=\"%s\";version:Version=\"%s\"".formatted(name, version));
    }

    TestBundle header(String header, String value) {
        manifest.getMainAttributes().putValue(header, value);
        return this;
    }

    TestBundle add(String header, String clause) {
        String before = manifest.getMainAttributes().getValue(header);
        return header(header, before == null ? clause : before + "," + clause);
    }

    TestBundle offers(String service) {
        return add("Provide-Capability", "osgi.service;objectClass:List<String>=\"" + service + "\"");
    }

    TestBundle needs(String service) {
        return add("Require-Capability", "osgi.service;filter:=\"(objectClass=" + service + ")\";effective:=active");
    }

    TestBundle activator(Class<? extends BundleActivator> activator) {
        classes.add(activator);
        header("Bundle-Activator", activator.getName());
        return add("Import-Package", "org.osgi.framework");
    }

    byte[] bytes() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new JarOutputStream(bytes, manifest)) {
            for (Class<?> one : classes) {
                String path = one.getName().replace('.', '/') + ".class";
                var entry = new JarEntry(path);
                entry.setTime(0);
                out.putNextEntry(entry);
                try (InputStream in = one.getClassLoader().getResourceAsStream(path)) {
                    in.transferTo(out);
                }
            }
        }
        return bytes.toByteArray();
    }

    Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        return Files.write(folder.resolve(name + "-" + version + ".jar"), bytes());
    }
}
