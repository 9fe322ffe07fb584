package network.mycelium.itests;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// Makes a bundle from headers and Java sources, compiled on the spot.
final class TestBundle {
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final List<Path> classpath = new ArrayList<>();
    private final String name;
    private final String version;

    private TestBundle(String name, String version) {
        this.name = name;
        this.version = version;
        headers.put("Manifest-Version", "1.0");
        headers.put("Bundle-ManifestVersion", "2");
        headers.put("Bundle-SymbolicName", name);
        headers.put("Bundle-Version", version);
        headers.put("Bundle-License", "MIT");
    }

    static TestBundle named(String name, String version) {
        return new TestBundle(name, version);
    }

    /// Its root bundle of a component of that name and the bundle's version.
    TestBundle component(String component) {
        return add(
                "Provide-Capability",
                "mycelium.component;mycelium.component=\"" + component + "\";version:Version=\"" + version + "\"");
    }

    /// Of which the framework lets one version be active at a time.
    TestBundle singleton() {
        headers.put("Bundle-SymbolicName", name + ";singleton:=true");
        return this;
    }

    /// Adds a clause to a header.
    TestBundle add(String header, String clause) {
        headers.merge(header, clause, (a, b) -> a + "," + b);
        return this;
    }

    TestBundle source(String className, String code) {
        sources.put(className, code);
        return this;
    }

    TestBundle file(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    TestBundle compiledWith(Path jar) {
        classpath.add(jar);
        return this;
    }

    /// An activator with the given bodies, in a package named like the bundle.
    TestBundle activator(String start, String stop) {
        headers.put("Bundle-Activator", name + ".Activator");
        add("Import-Package", "org.osgi.framework");
        return source(name + ".Activator", """
                package %s;
                public class Activator implements org.osgi.framework.BundleActivator {
                    public void start(org.osgi.framework.BundleContext context) throws Exception { %s }
                    public void stop(org.osgi.framework.BundleContext context) throws Exception { %s }
                }
                """.formatted(name, start, stop));
    }

    /// Registers `java.util.function.Supplier` with the property `of`, and declares it.
    TestBundle service(String of, String value) {
        add(
                "Provide-Capability",
                "osgi.service;objectClass:List<String>=\"java.util.function.Supplier\";of=\"" + of + "\"");
        return activator("""
                java.util.Dictionary<String, Object> p = new java.util.Hashtable<>();
                p.put("of", "%s");
                java.util.function.Supplier<String> s = () -> "%s";
                context.registerService(java.util.function.Supplier.class, s, p);""".formatted(of, value), "");
    }

    Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path jar = folder.resolve(name + "-" + version + ".jar");
        Map<String, byte[]> content = new LinkedHashMap<>(files);
        if (!sources.isEmpty()) {
            content.putAll(compile());
        }
        var manifest = new Manifest();
        headers.forEach((k, v) -> manifest.getMainAttributes().putValue(k, v));
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (var entry : content.entrySet()) {
                var e = new JarEntry(entry.getKey());
                e.setTime(0);
                out.putNextEntry(e);
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
        return jar;
    }

    private Map<String, byte[]> compile() throws IOException {
        Path classes = Files.createTempDirectory("classes");
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((className, code) -> units.add(
                new SimpleJavaFileObject(
                        URI.create("string:///" + className.replace('.', '/') + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignore) {
                        return code;
                    }
                }));
        String path = System.getProperty("java.class.path");
        for (Path jar : classpath) {
            path += java.io.File.pathSeparator + jar;
        }
        var output = new java.io.StringWriter();
        boolean ok = ToolProvider.getSystemJavaCompiler()
                .getTask(output, null, null, List.of("-d", classes.toString(), "-cp", path, "-proc:none"), null, units)
                .call();
        if (!ok) {
            throw new IOException(output.toString());
        }
        Map<String, byte[]> compiled = new LinkedHashMap<>();
        try (var walk = Files.walk(classes)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                compiled.put(classes.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return compiled;
    }

    /// Content that does not compress, to make a bundle large.
    static byte[] noise(int size, long seed) {
        byte[] noise = new byte[size];
        new java.util.Random(seed).nextBytes(noise);
        return noise;
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
