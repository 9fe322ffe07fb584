package network.mycelium.launcher;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/// The OSGi framework with the bundles of the core in it. The folder `core/NN-name/` of the distribution holds
/// the bundles of start level NN.
///
/// The framework's own storage is new at each boot ([ScratchStorage]) and the core is installed by reference from the
/// verified distribution; what else runs is known by the component manager's journal alone. So no half-written
/// framework state can survive a crash (docs/adr/0002-framework-storage-is-scratch.md).
final class CoreFramework {
    private static final Logger LOG = System.getLogger("network.mycelium.launcher");
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

    /// How long a core that never came up here may take to start, and must then run to count as one that did.
    private static final Duration TRIAL = Duration.ofSeconds(60);

    private static final Duration PROOF = Duration.ofSeconds(10);
    private static volatile boolean shuttingDown;
    /// Whether the process is as old as the first core in it.
    private static boolean first = true;

    private final Options options;
    private final NodeHome home;
    private final Path core;
    private final CoreChoice choice;
    private final CoreManifest.Bundles bundles;
    private final ScratchStorage storage;
    private final Instant began;
    /// Whether the core before this one starts next.
    private volatile boolean trialFailed;

    /// When this core is done, or would not be and another waits.
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /// @param core the core, with its bundles in `core/`
    /// @param bundles the same, being verified
    // The first core of a process began when the process did.
    @SuppressWarnings("StaticAssignmentInConstructor")
    CoreFramework(Options options, NodeHome home, Path core, CoreChoice choice, CoreManifest.Bundles bundles) {
        this.options = options;
        this.home = home;
        this.core = core;
        this.choice = choice;
        this.bundles = bundles;
        this.storage = new ScratchStorage(home.path("work"));
        this.began = first ? processStart() : Instant.now();
        first = false;
    }

    /// Whether the process ends.
    static boolean isShuttingDown() {
        return shuttingDown;
    }

    /// Boots, then blocks until the node is told to stop, or to go on with another core.
    int run() throws LaunchException, IOException {
        NavigableMap<Integer, List<Path>> levels = coreByLevel(core.resolve("core"));
        Framework framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow(() -> new LaunchException(
                        ExitCode.BOOT_FAILED,
                        "No OSGi framework in " + options.dist().resolve("lib") + "."))
                .newFramework(configuration(levels.lastKey()));
        try {
            framework.init();
            install(framework.getBundleContext(), levels);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                shuttingDown = true;
                                // Longer than the limit that ends the process; one that was left behind has passed it.
                                stop(framework, STOP_TIMEOUT.multipliedBy(2));
                            },
                            "mycelium-stop"));
            boundStop(framework);
            Thread.ofVirtual().name("core-end").start(() -> awaitEnd(framework));
            bundles.await();
            if (!awaitStarted(framework)) {
                return ExitCode.OK;
            }
            reportFailures(framework);
            // Not before: it is for bundles that go.
            ServiceRegistryLeak.mend(framework);
            var bootTime = Duration.between(began, Instant.now());
            LOG.log(Level.INFO, "node ready in {0} ms, home {1}", bootTime.toMillis(), home.dir());
            if (!options.interactive()) {
                System.out.println("mycelium: ready in " + bootTime.toMillis() + " ms, home " + home.dir());
            }
            Thread.ofVirtual().name("scratch").start(storage::removeOlder);
            if (choice.isTrial()) {
                Thread.ofVirtual().name("core-proof").start(this::confirm);
            }
            ended.join();
            return ExitCode.OK;
        } catch (LaunchException e) {
            giveUp(framework);
            throw e;
        } catch (BundleException e) {
            giveUp(framework);
            bundles.await();
            throw new LaunchException(ExitCode.BOOT_FAILED, "The core failed to start: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        }
    }

    private void giveUp(Framework framework) {
        trialFailed = choice.isTrial();
        stop(framework, STOP_TIMEOUT);
    }

    private void awaitEnd(Framework framework) {
        try {
            framework.waitForStop(0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended.complete(null);
    }

    private void confirm() {
        try {
            ended.get(PROOF.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            try {
                choice.confirm();
            } catch (IOException failure) {
                LOG.log(Level.ERROR, "it cannot be kept that the core has come up", failure);
            }
        } catch (InterruptedException | ExecutionException e) {
            LOG.log(Level.ERROR, "the core on trial was not waited for", e);
        }
    }

    private Map<String, String> configuration(int highestLevel) throws IOException {
        Map<String, String> config = new HashMap<>();
        config.put(Constants.FRAMEWORK_STORAGE, storage.folder().toString());
        config.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(highestLevel));
        // jdk.jfr: events of Jdbi are classes of the JDK's flight recorder.
        config.put(Constants.FRAMEWORK_BOOTDELEGATION, "jdk.jfr,jdk.jfr.*");
        // A bundle that would not stop stays until the node restarts; its successor may have the same name and
        // version.
        config.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        // The home is locked already; Felix's URL handlers need sun.misc.Unsafe.
        config.put("felix.cache.locking", "false");
        config.put("felix.service.urlhandlers", "false");
        // With more, each resolution starts threads and waits for them, which takes longer than resolving.
        config.put("felix.resolver.parallelism", "1");
        config.put("felix.cm.dir", home.path("config").toString());
        config.put("gosh.args", "--nointeractive --noshutdown");
        config.put("mycelium.home", home.dir().toString());
        config.put("mycelium.core.version", CoreChoice.version(core));
        config.put("mycelium.dist", options.dist().toString());
        config.put("mycelium.interactive", Boolean.toString(options.interactive()));
        config.put("mycelium.start", Long.toString(began.toEpochMilli()));
        return config;
    }

    private static NavigableMap<Integer, List<Path>> coreByLevel(Path core) throws IOException, LaunchException {
        var levels = new TreeMap<Integer, List<Path>>();
        try (var folders = Files.newDirectoryStream(core)) {
            for (Path folder : folders) {
                int level = Integer.parseInt(folder.getFileName().toString().split("-", 2)[0]);
                try (var jars = Files.newDirectoryStream(folder, "*.jar")) {
                    jars.forEach(jar -> levels.computeIfAbsent(level, l -> new ArrayList<>())
                            .add(jar));
                }
            }
        } catch (NumberFormatException e) {
            throw new LaunchException(
                    ExitCode.BOOT_FAILED, "A folder in " + core + " is not named NN-name: " + e.getMessage(), e);
        }
        if (levels.isEmpty()) {
            throw new LaunchException(ExitCode.BOOT_FAILED, "No bundles in " + core + ".");
        }
        levels.values().forEach(jars -> jars.sort(null));
        return levels;
    }

    private static void install(BundleContext context, NavigableMap<Integer, List<Path>> levels)
            throws BundleException {
        var startLevel = context.getBundle().adapt(FrameworkStartLevel.class);
        for (var level : levels.entrySet()) {
            startLevel.setInitialBundleStartLevel(level.getKey());
            for (Path jar : level.getValue()) {
                Bundle bundle = context.installBundle("reference:" + jar.toUri());
                if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
                    bundle.start(Bundle.START_ACTIVATION_POLICY);
                }
            }
        }
        context.getBundle().adapt(FrameworkWiring.class).resolveBundles(null);
        // Bundles that the core installs later start at once, whatever the level reached so far.
        startLevel.setInitialBundleStartLevel(1);
    }

    /// @return false if it was stopped before it was up: then nobody says that it has started
    private boolean awaitStarted(Framework framework) throws BundleException, InterruptedException, LaunchException {
        var started = new CompletableFuture<Void>();
        framework.getBundleContext().addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.STARTED) {
                started.complete(null);
            } else if (event.getType() == FrameworkEvent.ERROR) {
                LOG.log(Level.ERROR, "bundle " + event.getBundle() + " failed", event.getThrowable());
            }
        });
        framework.start();
        try {
            CompletableFuture<Object> either = CompletableFuture.anyOf(started, ended);
            if (choice.isTrial()) {
                either.get(TRIAL.toSeconds(), TimeUnit.SECONDS);
            } else {
                either.get();
            }
            return !ended.isDone();
        } catch (TimeoutException e) {
            throw new LaunchException(
                    ExitCode.BOOT_FAILED, "The core did not start within " + TRIAL.toSeconds() + " seconds.", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Neither fails", e);
        }
    }

    private static void reportFailures(Framework framework) throws LaunchException {
        for (Bundle bundle : framework.getBundleContext().getBundles()) {
            boolean fragment = bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
            if (!fragment
                    && bundle.getLocation().startsWith("reference:")
                    && bundle.getState() != Bundle.ACTIVE
                    && bundle.getState() != Bundle.STARTING) {
                throw new LaunchException(
                        ExitCode.BOOT_FAILED,
                        "Bundle " + bundle.getSymbolicName() + " of the core did not start; see the log.");
            }
        }
    }

    /// A bundle that hangs in its stop would otherwise keep the process for ever, whoever stops the framework.
    private void boundStop(Framework framework) {
        framework.getBundleContext().addBundleListener((SynchronousBundleListener) event -> {
            if (event.getType() == BundleEvent.STOPPING && event.getBundle().getBundleId() == 0) {
                Thread.ofPlatform().daemon().name("stop-limit").start(() -> {
                    if (stopped(framework)) {
                        return;
                    }
                    boolean goesOn = !shuttingDown && (choice.goesOn() || trialFailed);
                    LOG.log(
                            Level.ERROR,
                            "the framework did not stop within {0}; {1}",
                            STOP_TIMEOUT,
                            goesOn ? "the node goes on without it" : "the process ends");
                    if (goesOn) {
                        ended.complete(null);
                    } else {
                        Runtime.getRuntime().halt(ExitCode.OK);
                    }
                });
            }
        });
    }

    private static boolean stopped(Framework framework) {
        try {
            return framework.waitForStop(STOP_TIMEOUT.toMillis()).getType() != FrameworkEvent.WAIT_TIMEDOUT;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// What did not start may not stop either.
    private static void stop(Framework framework, Duration limit) {
        try {
            framework.stop();
            framework.waitForStop(limit.toMillis());
        } catch (BundleException e) {
            LOG.log(Level.ERROR, "stopping failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// When the `mycelium` script handed over; without it, when the Java process began, which Linux tells only to
    /// about a second.
    private static Instant processStart() {
        String seconds = System.getProperty("mycelium.started", "").replace(',', '.');
        return seconds.matches("[0-9]+\\.[0-9]{6}")
                ? Instant.ofEpochMilli((long) (Double.parseDouble(seconds) * 1000))
                : ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    }
}
