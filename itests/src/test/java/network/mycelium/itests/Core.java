package network.mycelium.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Plan;
import network.mycelium.repository.Publisher;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.util.tracker.ServiceTracker;

/// The core of the distribution in a Felix inside the test, so that a test can watch its bundles and class
/// loaders. The shell is left out; its tests run real processes.
final class Core implements AutoCloseable {
    /// The api packages come from the test's class path, so that test and bundles share them.
    private static final String SHARED =
            "network.mycelium.component;version=2.0.0,network.mycelium.repository;version=1.0.0,"
                    + "network.mycelium.node.command;version=1.0.0,network.mycelium.node.health;version=1.0.0,"
                    + "network.mycelium.storage;version=1.1.0,network.mycelium.greeter;version=1.0.0,"
                    + "network.mycelium.libp2p;version=1.0.0,network.mycelium.libp2p.multiformats;version=1.0.0";

    private static final List<String> LEVELS = List.of("10-services", "20-storage", "30-components");

    final Path home;
    private final Framework framework;

    private Core(Path home, Framework framework) {
        this.home = home;
        this.framework = framework;
    }

    static Path dist() {
        return Path.of(System.getProperty("mycelium.dist"));
    }

    /// @param settings of the component manager, by their names
    static Core start(Path home, Map<String, Object> settings) throws Exception {
        Files.createDirectories(home.resolve("config/network/mycelium"));
        var text = new StringBuilder(":org.apache.felix.configadmin.revision:=L\"1\"\n");
        settings.forEach((k, v) -> text.append(k).append("=\"").append(v).append("\"\n"));
        text.append("service.pid=\"network.mycelium.component\"\n");
        Files.writeString(home.resolve("config/network/mycelium/component.config"), text);
        return start(home);
    }

    static Core start(Path home) throws Exception {
        return start(home, LEVELS);
    }

    /// On the network too, without storage and components.
    static Core startOnNetwork(Path home) throws Exception {
        return start(home, List.of("10-services", "25-network"));
    }

    private static Core start(Path home, List<String> levels) throws Exception {
        Map<String, String> config = new HashMap<>();
        config.put(Constants.FRAMEWORK_STORAGE, home.resolve("work/framework").toString());
        config.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        config.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, SHARED);
        config.put(Constants.FRAMEWORK_BOOTDELEGATION, "jdk.jfr,jdk.jfr.*,org.jacoco.*");
        config.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        config.put("felix.cache.locking", "false");
        config.put("felix.service.urlhandlers", "false");
        config.put("felix.cm.dir", home.resolve("config").toString());
        config.put("mycelium.home", home.toString());
        config.put("mycelium.dist", dist().toString());
        for (String folder : List.of("config", "cache", "state", "data", "work")) {
            Files.createDirectories(home.resolve(folder));
        }
        Framework framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(config);
        framework.init();
        network.mycelium.launcher.ServiceRegistryLeak.mend(framework);
        for (String level : levels) {
            try (Stream<Path> jars = Files.list(dist().resolve("core").resolve(level))) {
                for (Path jar : jars.sorted().toList()) {
                    framework
                            .getBundleContext()
                            .installBundle("reference:" + jar.toUri())
                            .start();
                }
            }
        }
        framework.start();
        return new Core(home, framework);
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    <T> T service(Class<T> type) throws InterruptedException {
        var tracker = new ServiceTracker<T, T>(context(), type, null);
        tracker.open();
        try {
            T service = tracker.waitForService(20_000);
            if (service == null) {
                throw new IllegalStateException("no " + type);
            }
            return service;
        } finally {
            tracker.close();
        }
    }

    ComponentManager manager() throws InterruptedException {
        return service(ComponentManager.class);
    }

    Plan change(Change.Kind kind, String spec) throws ComponentException, InterruptedException {
        Plan plan = manager().plan(new Change(kind, spec, "operator", false));
        manager().run(plan, ComponentManager.Progress.NONE);
        return plan;
    }

    Plan load(String spec) throws ComponentException, InterruptedException {
        return change(Change.Kind.LOAD, spec);
    }

    ComponentStatus status(String name) throws InterruptedException {
        return manager().components().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " is not loaded"));
    }

    /// Makes a repository with a new key and trusts it.
    TestRepository repository(Path folder) throws Exception {
        return new TestRepository(this, folder);
    }

    /// The bundles of components, as `NAME VERSION`.
    List<String> dynamicBundles() {
        return Stream.of(context().getBundles())
                .filter(b -> b.getLocation().startsWith("mycelium:"))
                .map(Core::id)
                .sorted()
                .toList();
    }

    static String id(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }

    @Override
    public void close() throws IOException {
        try {
            framework.stop();
            framework.waitForStop(Duration.ofSeconds(5).toMillis());
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /// A repository folder of the test, signed and trusted by its core.
    static final class TestRepository {
        final Path folder;
        final Path key;
        final String publisher;
        private final Core core;

        TestRepository(Core core, Path folder) throws Exception {
            this.core = core;
            this.folder = folder;
            this.key = folder.resolveSibling(folder.getFileName() + ".key");
            this.publisher = core.service(Publisher.class).generateKey(key);
        }

        TestRepository publish(Path... bundles) throws Exception {
            core.service(Publisher.class).publish(folder, key, List.of(bundles));
            core.service(RepositoryIndex.class).add(folder.toUri(), java.util.Optional.of(publisher));
            return this;
        }
    }
}
