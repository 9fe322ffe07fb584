package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/// Cores of a few bundles in a real framework; `Runnable` stands for the shell, `Comparable` for the manager,
/// `AutoCloseable` for the network, and `Readable` for what only members of one offer.
@Timeout(60)
class CoreFrameworkTest {
    private static final CoreServices SERVICES = new CoreServices(
            List.of("java.lang.Runnable"),
            List.of("java.lang.Comparable"),
            List.of("java.lang.AutoCloseable"),
            List.of("java.lang.Readable"));
    private static final CoreFramework.Limits LIMITS =
            new CoreFramework.Limits(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofMillis(500));

    /// Talks, and makes the socket.
    public static final class Shell implements BundleActivator {
        @Override
        public void start(BundleContext context) throws IOException {
            context.registerService(Runnable.class, Thread.currentThread(), null);
            Files.writeString(Path.of(context.getProperty("mycelium.home"), "run/control"), "socket");
        }

        @Override
        public void stop(BundleContext context) {
            // The framework takes the service back.
        }
    }

    /// Manages, and reaches the network.
    public static final class Rest implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            context.registerService(new String[] {"java.lang.Comparable", "java.io.Serializable"}, "", null);
            context.registerService(AutoCloseable.class, System.out, null);
        }

        @Override
        public void stop(BundleContext context) {
            // The framework takes the services back.
        }
    }

    /// Is there, and soon is not.
    public static final class Passing implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            context.registerService(AutoCloseable.class, System.out, null);
            var shown = context.registerService(Comparable.class, "", null);
            Thread.ofVirtual().start(() -> {
                // Up to when the trial has begun: then the launcher is ready, and its line is in the log.
                while (!Files.exists(Path.of(context.getProperty("mycelium.home"), "go"))) {
                    Thread.onSpinWait();
                }
                shown.unregister();
            });
        }

        @Override
        public void stop(BundleContext context) {
            // The framework takes the services back.
        }
    }

    /// Fails.
    public static final class Broken implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            throw new IllegalStateException("no disk");
        }

        @Override
        public void stop(BundleContext context) {
            // It never started.
        }
    }

    @TempDir
    Path temp;

    private TestDistribution dist;
    private NodeHome home;
    private CoreChoice choice;

    @BeforeEach
    void make() throws Exception {
        dist = TestDistribution.in(temp.resolve("dist"));
        home = NodeHome.open(temp.resolve("home"));
        choice = new CoreChoice(home.dir(), dist.dir);
    }

    @AfterEach
    void close() throws Exception {
        home.close();
    }

    private CompletableFuture<Integer> run(boolean trial) throws Exception {
        dist.sign();
        if (trial) {
            Files.writeString(home.path("state/core-next"), "1.0.0\n");
        }
        choice.choose();
        var options = new Options(dist.dir, home.dir(), false, false, List.of());
        CoreManifest.Verified verified = CoreManifest.verify(dist.dir, List.of());
        var framework = new CoreFramework(options, home, dist.dir, choice, verified.bundles(), SERVICES, LIMITS);
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return framework.run();
                    } catch (LaunchException | IOException e) {
                        throw new CompletionException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    private static void assertFailed(CompletableFuture<Integer> run, String... why) {
        assertThatThrownBy(run::join)
                .cause()
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BOOT_FAILED))
                .message()
                .contains(why);
    }

    @Test
    void a_core_with_a_shell_is_up_even_if_all_else_is_broken() throws Exception {
        dist.bundle("core/10-a/shell.jar", "shell", Shell.class).bundle("core/20-b/broken.jar", "broken", Broken.class);
        Files.writeString(home.path("run/control"), "of a node that died");
        CompletableFuture<Integer> run = run(false);
        await().until(() -> Files.exists(home.path("run/control"))
                && Files.readString(home.path("run/control")).equals("socket"));
        assertThat(run).isNotDone();
        // It is stopped when the process ends; what a shell does is in the tests of whole nodes.
    }

    @Test
    void a_core_without_a_shell_is_not() throws Exception {
        dist.bundle("core/10-a/rest.jar", "rest", Rest.class);
        assertFailed(run(false), "no shell", "there is no Runnable", "there is no control socket");
    }

    @Test
    void a_socket_of_an_earlier_node_is_no_shell() throws Exception {
        Files.writeString(home.path("run/control"), "of a node that died");
        dist.bundle("core/10-a/rest.jar", "rest", Rest.class);
        assertFailed(run(false), "there is no control socket");
    }

    @Test
    void a_core_on_trial_must_offer_all_that_a_node_offers() throws Exception {
        dist.bundle("core/10-a/shell.jar", "shell", Shell.class);
        assertFailed(run(true), "did not come up", "there is no Comparable, AutoCloseable");
        assertThat(choice.isTrial()).isTrue();
    }

    @Test
    void a_core_on_trial_takes_the_place_that_its_node_has_in_a_network() throws Exception {
        dist.bundle("core/10-a/shell.jar", "shell", Shell.class).bundle("core/10-a/rest.jar", "rest", Rest.class);
        Files.createDirectories(home.path(CoreFramework.GENESIS).getParent());
        Files.createFile(home.path(CoreFramework.GENESIS));
        assertFailed(run(true), "there is no Readable");
    }

    @Test
    void a_core_on_trial_with_a_bundle_that_did_not_start_has_not_come_up() throws Exception {
        dist.bundle("core/10-a/shell.jar", "shell", Shell.class)
                .bundle("core/10-a/rest.jar", "rest", Rest.class)
                .bundle("core/20-b/broken.jar", "broken", Broken.class);
        assertFailed(run(true), "bundle broken did not start");
    }

    @Test
    void a_core_on_trial_that_works_is_confirmed_after_a_while() throws Exception {
        dist.bundle("core/10-a/shell.jar", "shell", Shell.class).bundle("core/10-a/rest.jar", "rest", Rest.class);
        Files.createDirectories(home.path("cores/1.0.0"));
        CompletableFuture<Integer> run = run(true);
        await().until(() -> Files.exists(home.path("state/core-current")));
        assertThat(run).isNotDone();
        assertThat(choice.isTrial()).isFalse();
    }

    @Test
    void a_core_on_trial_that_loses_a_service_is_not_confirmed() throws Exception {
        dist.bundle("core/10-a/shell.jar", "shell", Shell.class)
                .bundle("core/10-a/passing.jar", "passing", Passing.class);
        CompletableFuture<Integer> run = run(true);
        await().until(() -> Files.exists(home.path("run/control")));
        // Whenever it goes within its time of proof, or before.
        Files.createFile(home.path("go"));
        assertFailed(run, "Comparable");
        assertThat(home.path("state/core-current")).doesNotExist();
    }

    @Test
    void folders_that_are_named_otherwise_and_cores_of_nothing_are_refused() throws Exception {
        assertFailed(run(false), "No bundles");
        dist.bundle("core/services/a.jar", "a", Shell.class);
        assertFailed(run(false), "is not named NN-name");
    }
}
