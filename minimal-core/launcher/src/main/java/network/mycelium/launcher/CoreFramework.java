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
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/// The OSGi framework with the bundles of the core in it, see [CoreBundles]. It is up when its services are there, see
/// [CoreServices]: for a core on trial all of them, for one that has been up before those by which it can be mended.
///
/// The framework's own storage is new at each boot ([ScratchStorage]) and the core is installed by reference from the
/// verified distribution; what else runs is known by the component manager's journal alone. So no half-written
/// framework state can survive a crash (docs/adr/0002-framework-storage-is-scratch.md).
final class CoreFramework {
    private static final Logger LOG = System.getLogger("network.mycelium.launcher");
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);
    /// Where it is, the node belongs to a network.
    static final String GENESIS = "state/network/genesis";

    /// How long things may take.
    ///
    /// @param trial until a core that never came up here is up
    /// @param proof that it must then run to count as one that did
    /// @param rescue until a core that was up before can be spoken to
    record Limits(Duration trial, Duration proof, Duration rescue) {
        static final Limits OF_A_NODE =
                new Limits(Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(15));
    }

    private static volatile boolean shuttingDown;
    /// Whether the process is as old as the first core in it.
    private static boolean first = true;

    private final Options options;
    private final NodeHome home;
    private final Path core;
    private final CoreChoice choice;
    private final CoreManifest.Bundles bundles;
    private final CoreServices services;
    private final Limits limits;
    private final ScratchStorage storage;
    private final Instant began;
    /// Why the core before this one starts next, or null.
    private volatile String failure;

    /// When this core is done, or would not be and another waits.
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /// @param core the core, with its bundles in `core/`
    /// @param bundles the same, being verified
    CoreFramework(Options options, NodeHome home, Path core, CoreChoice choice, CoreManifest.Bundles bundles) {
        this(options, home, core, choice, bundles, CoreServices.OF_A_NODE, Limits.OF_A_NODE);
    }

    // The first core of a process began when the process did.
    @SuppressWarnings("StaticAssignmentInConstructor")
    CoreFramework(
            Options options,
            NodeHome home,
            Path core,
            CoreChoice choice,
            CoreManifest.Bundles bundles,
            CoreServices services,
            Limits limits) {
        this.options = options;
        this.home = home;
        this.core = core;
        this.choice = choice;
        this.bundles = bundles;
        this.services = services;
        this.limits = limits;
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
        CoreBundles core = CoreBundles.in(this.core.resolve("core"));
        Framework framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow(() -> new LaunchException(
                        ExitCode.BOOT_FAILED,
                        "No OSGi framework in " + options.dist().resolve("lib") + "."))
                .newFramework(configuration(core.highestLevel()));
        // What a node that died left there would look like this one's.
        Files.deleteIfExists(control());
        storage.makeRoom();
        try {
            framework.init();
            core.install(framework.getBundleContext());
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
            List<String> missing = awaitUp(framework.getBundleContext());
            if (ended.isDone()) {
                return ExitCode.OK;
            }
            // Not before: it is for bundles that go.
            ServiceRegistryLeak.mend(framework);
            tellReady(missing);
            Thread.ofVirtual().name("scratch").start(storage::removeOlder);
            if (choice.isTrial()) {
                Thread.ofVirtual().name("core-proof").start(() -> prove(framework));
            }
            ended.join();
            if (failure != null) {
                throw new LaunchException(ExitCode.BOOT_FAILED, failure);
            }
            return ExitCode.OK;
        } catch (LaunchException e) {
            giveUp(framework, e.getMessage());
            throw e;
        } catch (BundleException e) {
            giveUp(framework, e.getMessage());
            bundles.await();
            throw new LaunchException(ExitCode.BOOT_FAILED, "The core failed to start: " + words(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        }
    }

    /// A node that can be spoken to is up: whatever else is missing, its operator can mend.
    ///
    /// @return what else is missing
    private List<String> awaitUp(BundleContext context) throws LaunchException, InterruptedException {
        List<String> down = CoreBundles.down(context);
        if (choice.isTrial()) {
            List<String> missing = CoreServices.await(context, wanted(), limits.trial(), ended::isDone);
            missing = missing.isEmpty() ? CoreServices.unusable(context, wanted()) : missing;
            if (!ended.isDone() && !(down.isEmpty() && missing.isEmpty() && canBeSpokenTo())) {
                throw new LaunchException(
                        ExitCode.BOOT_FAILED, "The core did not come up: " + wanting(down, missing) + ".");
            }
            return List.of();
        }
        List<String> missing = CoreServices.await(context, services.rescue(), limits.rescue(), () -> ended.isDone());
        if (!ended.isDone() && !(missing.isEmpty() && canBeSpokenTo())) {
            throw new LaunchException(
                    ExitCode.BOOT_FAILED,
                    "The node has no shell: %s. The log in %s says why."
                            .formatted(wanting(down, missing), home.path("log")));
        }
        List<String> more = CoreServices.missing(context, services.management());
        if (!down.isEmpty() || !more.isEmpty()) {
            LOG.log(Level.ERROR, "the node is up, but {0}; what is logged before says why", wanting(down, more));
        }
        return more;
    }

    /// What a core on trial must offer: it joins the network that the node belongs to, if there is one.
    private List<String> wanted() {
        return services.all(Files.exists(home.path(GENESIS)));
    }

    /// The framework names what failed; why, such as a full disk, is in a cause.
    private static String words(BundleException failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == failure ? failure.getMessage() : failure.getMessage() + ": " + root.getMessage();
    }

    /// Over the socket, or at this terminal.
    private boolean canBeSpokenTo() {
        return options.interactive() || Files.exists(control());
    }

    private String wanting(List<String> down, List<String> missing) {
        List<String> all = new ArrayList<>();
        down.forEach(bundle -> all.add("bundle " + bundle + " did not start"));
        if (!missing.isEmpty()) {
            all.add("there is no " + CoreServices.words(missing));
        }
        if (!canBeSpokenTo()) {
            all.add("there is no control socket");
        }
        return String.join(", ", all);
    }

    private Path control() {
        return home.path("run/control");
    }

    private void tellReady(List<String> missing) {
        var bootTime = Duration.between(began, Instant.now());
        LOG.log(Level.INFO, "node ready in {0} ms, home {1}", bootTime.toMillis(), home.dir());
        if (!options.interactive()) {
            System.out.println("mycelium: ready in " + bootTime.toMillis() + " ms, home " + home.dir()
                    + (missing.isEmpty() ? "" : ", without " + CoreServices.words(missing) + ": see its log"));
        }
    }

    private void giveUp(Framework framework, String why) {
        if (choice.isTrial()) {
            failure = why;
        }
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

    /// A core on trial that still offers all it should after a while has come up.
    private void prove(Framework framework) {
        try {
            ended.get(limits.proof().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            List<String> lost = CoreServices.unusable(framework.getBundleContext(), wanted());
            if (lost.isEmpty() && canBeSpokenTo()) {
                confirm();
            } else {
                giveUp(framework, "It came up and did not stay so: " + wanting(List.of(), lost) + ".");
            }
        } catch (InterruptedException | ExecutionException e) {
            LOG.log(Level.ERROR, "the core on trial was not waited for", e);
        }
    }

    private void confirm() {
        try {
            choice.confirm();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "it cannot be kept that the core has come up", e);
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
        // Settings are files that the shell's bundle reads; Configuration Admin keeps a copy in memory only.
        config.put("felix.cm.pm", "memory");
        config.put("gosh.args", "--nointeractive --noshutdown");
        config.put("mycelium.home", home.dir().toString());
        config.put("mycelium.core.version", CoreChoice.version(core));
        config.put("mycelium.dist", options.dist().toString());
        config.put("mycelium.interactive", Boolean.toString(options.interactive()));
        config.put("mycelium.start", Long.toString(began.toEpochMilli()));
        return config;
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
                either.get(limits.trial().toMillis(), TimeUnit.MILLISECONDS);
            } else {
                either.get();
            }
            return !ended.isDone();
        } catch (TimeoutException e) {
            throw new LaunchException(
                    ExitCode.BOOT_FAILED,
                    "The core did not start within " + limits.trial().toSeconds() + " seconds.",
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Neither fails", e);
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
                    boolean goesOn = !shuttingDown && (choice.goesOn() || failure != null);
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
