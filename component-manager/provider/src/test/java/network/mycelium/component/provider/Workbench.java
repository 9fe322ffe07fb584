package network.mycelium.component.provider;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentEvent;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager.Progress;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.provider.IndexRegistry;
import network.mycelium.repository.provider.RepositoryPublisher;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/// The parts of the manager in a real framework, each within reach of a test.
final class Workbench implements AutoCloseable {
    static final String OPERATOR = "operator";

    final Path home;
    final MemoryStore store = new MemoryStore();
    final List<ComponentEvent> told = java.util.Collections.synchronizedList(new ArrayList<>());
    final Events events = new Events();
    final Runtimes runtimes = new Runtimes(() -> 1000);
    final Framework framework;
    final BundleContext context;
    final IndexRegistry index;
    final InstalledBundles installed;
    final Readiness readiness;
    final BundleFetcher fetcher;
    final Journal journal;
    final Planner planner;
    final ChangeRunner runner;
    final Changes changes;
    final Care care;
    private final Path repository;
    private Duration ready = Duration.ofMillis(200);

    Workbench(Path home) throws Exception {
        this.home = home;
        this.repository = home.resolve("repository");
        Files.createDirectories(home.resolve("state"));
        Map<String, String> config = new HashMap<>();
        config.put(
                Constants.FRAMEWORK_STORAGE,
                Files.createTempDirectory(home, "framework").toString());
        config.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        config.put(Constants.FRAMEWORK_BOOTDELEGATION, "org.jacoco.*");
        config.put("felix.cache.locking", "false");
        config.put("mycelium.home", home.toString());
        this.framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(config);
        framework.start();
        this.context = framework.getBundleContext();
        this.index = new IndexRegistry(context);
        this.installed = new InstalledBundles(context, () -> Duration.ofSeconds(5), () -> Duration.ofSeconds(5));
        this.readiness = new Readiness(context, installed);
        this.fetcher = new BundleFetcher(store, () -> Duration.ofSeconds(5));
        this.journal = Journal.open(home.resolve("state/components.journal"));
        this.planner = new Planner(index, store, installed);
        this.runner = new ChangeRunner(context, store, fetcher, installed, readiness, journal, events, () -> ready);
        this.changes = new Changes(planner, runner, journal, runtimes, events);
        this.care = new Care(context, changes, runner, fetcher, installed, readiness, () -> 1000);
        events.add(told::add);
        // What an earlier workbench has published in the same home.
        if (Files.exists(repository)) {
            know();
        }
    }

    /// All that is on offer from now on.
    Workbench publish(TestBundle... bundles) throws Exception {
        List<Path> jars = new ArrayList<>();
        for (TestBundle bundle : bundles) {
            jars.add(bundle.write(home.resolve("jars")));
        }
        var publisher = new RepositoryPublisher(home.resolve("archives"));
        Path key = home.resolve("publisher.key");
        if (!Files.exists(key)) {
            publisher.generateKey(key);
        }
        publisher.publish(repository, key, jars);
        know();
        return this;
    }

    private void know() throws Exception {
        index.add(repository.toUri(), Optional.empty());
        try (Stream<Path> jars = Files.walk(repository)) {
            for (Path jar : jars.filter(f -> f.toString().endsWith(".jar")).toList()) {
                byte[] bytes = Files.readAllBytes(jar);
                store.source.put(
                        HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)),
                        bytes);
            }
        }
    }

    BundleRef ref(String name, String version) {
        return index.search(name).stream()
                .filter(ref -> ref.symbolicName().equals(name) && ref.version().equals(version))
                .findFirst()
                .orElseThrow();
    }

    Draft draft(Change.Kind kind, String spec) throws ComponentException {
        return changes.draft(new Change(kind, spec, OPERATOR, false));
    }

    Draft force(Change.Kind kind, String spec) throws ComponentException {
        return changes.draft(new Change(kind, spec, OPERATOR, true));
    }

    Workbench change(Change.Kind kind, String spec) throws ComponentException {
        changes.carryOut(draft(kind, spec), OPERATOR, Progress.NONE);
        return this;
    }

    Workbench load(String spec) throws ComponentException {
        return change(Change.Kind.LOAD, spec);
    }

    ComponentRecord component(String key) {
        return Optional.ofNullable(changes.set().components().get(key)).orElseThrow();
    }

    /// Bundles of components that are active, as `NAME VERSION`.
    List<String> active() {
        return installed.all().values().stream()
                .filter(bundle -> bundle.getState() == Bundle.ACTIVE)
                .map(Planner::id)
                .sorted()
                .toList();
    }

    /// The set that a node would boot with now.
    NodeSet onDisk() throws Exception {
        Path copy = Files.copy(
                home.resolve("state/components.journal"),
                Files.createTempFile(home, "journal", ""),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (var read = Journal.open(copy)) {
            return read.last();
        }
    }

    /// As a power cut would: only what is on disk is there for the next one.
    /// Past the component manager.
    Bundle install(TestBundle bundle) throws Exception {
        return context.installBundle("test:" + System.nanoTime(), new ByteArrayInputStream(bundle.bytes()));
    }

    @Override
    public void close() throws Exception {
        events.close();
        journal.close();
        framework.stop();
        framework.waitForStop(10_000);
    }
}
