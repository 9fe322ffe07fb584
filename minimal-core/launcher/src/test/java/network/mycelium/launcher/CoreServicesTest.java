package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

class CoreServicesTest {
    private static final List<String> BOTH = List.of("java.lang.Runnable", "java.lang.AutoCloseable");

    @TempDir
    Path temp;

    private Framework framework;
    private BundleContext context;

    @BeforeEach
    void start() throws Exception {
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of("org.osgi.framework.storage", temp.toString(), "felix.cache.locking", "false"));
        framework.start();
        context = framework.getBundleContext();
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void what_nobody_offers_is_missing() throws Exception {
        context.registerService(Runnable.class, () -> {}, null);
        assertThat(CoreServices.missing(context, BOTH)).containsExactly("java.lang.AutoCloseable");
        assertThat(CoreServices.await(context, BOTH, Duration.ofMillis(20), () -> false))
                .containsExactly("java.lang.AutoCloseable");
        assertThat(CoreServices.words(BOTH)).isEqualTo("Runnable, AutoCloseable");
    }

    @Test
    void what_comes_while_it_is_waited_for_is_there() throws Exception {
        context.registerService(Runnable.class, () -> {}, null);
        Thread.ofVirtual().start(() -> context.registerService(AutoCloseable.class, () -> {}, null));
        assertThat(CoreServices.await(context, BOTH, Duration.ofSeconds(30), () -> false))
                .isEmpty();
    }

    @Test
    void nobody_waits_for_a_framework_that_has_ended() throws Exception {
        assertThat(CoreServices.await(context, BOTH, Duration.ofDays(1), () -> true))
                .isEqualTo(BOTH);
    }

    @Test
    void an_offer_with_nothing_behind_it_is_unusable() {
        context.registerService(Runnable.class, () -> {}, null);
        context.registerService(
                AutoCloseable.class,
                new ServiceFactory<AutoCloseable>() {
                    @Override
                    public AutoCloseable getService(Bundle bundle, ServiceRegistration<AutoCloseable> registration) {
                        throw new IllegalStateException("it does not activate");
                    }

                    @Override
                    public void ungetService(
                            Bundle bundle, ServiceRegistration<AutoCloseable> registration, AutoCloseable service) {
                        // There is none.
                    }
                },
                null);
        assertThat(CoreServices.missing(context, BOTH)).isEmpty();
        assertThat(CoreServices.unusable(context, BOTH)).containsExactly("java.lang.AutoCloseable");
    }

    @Test
    void a_node_is_known_by_its_shell_its_manager_and_its_network() {
        String own = "Shell, RepositoryIndex, BundleStore, ComponentManager, Host, NetworkIdentity";
        assertThat(CoreServices.words(CoreServices.OF_A_NODE.all(false))).isEqualTo(own);
        assertThat(CoreServices.words(CoreServices.OF_A_NODE.all(true))).isEqualTo(own + ", Statements, Director");
    }
}
