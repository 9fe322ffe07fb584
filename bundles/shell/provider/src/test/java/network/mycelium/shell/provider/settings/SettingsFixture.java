package network.mycelium.shell.provider.settings;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.shell.provider.Fakes;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/// Settings of a home in a test, with a bundle that describes those of `test.known`.
public final class SettingsFixture implements AutoCloseable {
    static final String METATYPE = """
            <MetaData><OCD id="c"><AD id="port" type="Integer" min="1" max="65535" default="8022" description="Where it listens"/>\
            <AD id="hosts" type="String" cardinality="4" default="" description="Whom"/></OCD>\
            <Designate pid="test.known"><Object ocdref="c"/></Designate></MetaData>""";

    /// What Configuration Admin holds.
    public final Map<String, Dictionary<String, Object>> kept = new HashMap<>();

    public final Settings settings;
    private final Path config;
    private final List<Bundle> bundles = new ArrayList<>();
    private final List<SynchronousBundleListener> listeners = new ArrayList<>();
    int updates;

    public SettingsFixture(Path home) throws IOException {
        config = Files.createDirectories(home.resolve("config"));
        bundles.add(bundle(METATYPE));
        Bundle system = Fakes.of(
                Bundle.class,
                Map.of("adapt", a -> Fakes.of(FrameworkStartLevel.class, Map.of("getStartLevel", none -> 1))));
        BundleContext context = Fakes.of(
                BundleContext.class,
                Map.of(
                        "getBundles", a -> bundles.toArray(Bundle[]::new),
                        "getBundle", a -> system,
                        "getProperty", a -> a.getFirst().equals("mycelium.home") ? home.toString() : null,
                        "addBundleListener", Fakes.doing(a -> listeners.add((SynchronousBundleListener) a.getFirst())),
                        "removeBundleListener", Fakes.doing(a -> listeners.remove(a.getFirst()))));
        settings = new Settings(
                context,
                Fakes.of(
                        ConfigurationAdmin.class,
                        Map.of(
                                "getConfiguration",
                                a -> configuration((String) a.getFirst()),
                                "getFactoryConfiguration",
                                a -> configuration(a.get(0) + "~" + a.get(1)))));
    }

    @SuppressWarnings("unchecked")
    private Configuration configuration(String pid) {
        return Fakes.of(
                Configuration.class,
                Map.of(
                        "update",
                        Fakes.doing(a -> {
                            updates++;
                            kept.put(pid, (Dictionary<String, Object>) a.getFirst());
                        }),
                        "delete",
                        Fakes.doing(a -> kept.remove(pid))));
    }

    static Bundle bundle(String metatype) throws IOException {
        URL file = URL.of(URI.create("memory:metatype.xml"), new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) {
                return new URLConnection(url) {
                    @Override
                    public void connect() {}

                    @Override
                    public ByteArrayInputStream getInputStream() {
                        return new ByteArrayInputStream(metatype.getBytes(StandardCharsets.UTF_8));
                    }
                };
            }
        });
        return Fakes.of(
                Bundle.class,
                Map.of(
                        "getEntryPaths",
                        a -> Collections.enumeration(List.of("OSGI-INF/metatype/x.xml")),
                        "getEntry",
                        a -> file));
    }

    void install(String metatype) throws IOException {
        Bundle bundle = bundle(metatype);
        bundles.add(bundle);
        listeners.forEach(listener -> listener.bundleChanged(new BundleEvent(BundleEvent.RESOLVED, bundle)));
    }

    void write(String name, String text) throws IOException {
        Files.writeString(config.resolve(name), text);
    }

    public String read(String name) throws IOException {
        return Files.readString(config.resolve(name));
    }

    Path file(String name) {
        return config.resolve(name);
    }

    /// What somebody changed is read when it has not changed for a look.
    void look() throws IOException {
        settings.poll();
        settings.poll();
    }

    List<String> problems() {
        return settings.problems().stream().map(SettingProblem::text).toList();
    }

    @Override
    public void close() {
        settings.deactivate();
    }
}
