package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import network.mycelium.component.Director;
import network.mycelium.component.Roles;
import network.mycelium.component.Tasks;
import network.mycelium.identity.Statements;
import network.mycelium.repository.NetworkRepository;
import network.mycelium.shell.Orders;
import network.mycelium.shell.RemoteShell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BeginningTest {
    private static final List<Class<?>> OF_A_MEMBER = List.of(
            Statements.class,
            Director.class,
            Roles.class,
            Tasks.class,
            NetworkRepository.class,
            Orders.class,
            RemoteShell.class);

    @TempDir
    Path home;

    private final Set<Object> services = ConcurrentHashMap.newKeySet();

    private Beginning beginning(Duration patience) {
        var context = Fakes.of(
                BundleContext.class,
                Map.of(
                        "getProperty", a -> home.toString(),
                        "getServiceReference",
                                a -> services.contains(a.getFirst())
                                        ? Fakes.of(ServiceReference.class, Map.of())
                                        : null));
        return new Beginning(context, patience);
    }

    private void belong() throws Exception {
        Files.createDirectories(home.resolve("state/network"));
        Files.writeString(home.resolve("state/network/genesis"), "x");
    }

    @Test
    void a_node_of_no_network_does_not_wait_for_a_place() throws Exception {
        long began = System.nanoTime();
        beginning(Duration.ofHours(1)).awaitPlace();
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.MINUTES.toNanos(1));
    }

    @Test
    void a_member_waits_until_the_last_service_of_a_member_is_there() throws Exception {
        belong();
        var beginning = beginning(Duration.ofHours(1));
        var done = new CountDownLatch(1);
        Thread waits = Thread.ofPlatform().start(() -> {
            try {
                beginning.awaitPlace();
                done.countDown();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        for (Class<?> type : OF_A_MEMBER) {
            await().until(() -> waits.getState() == Thread.State.TIMED_WAITING);
            assertThat(done.getCount()).isOne();
            services.add(type);
        }
        done.await();
    }

    @Test
    void nobody_waits_longer_than_the_patience() throws Exception {
        belong();
        var beginning = beginning(Duration.ZERO);
        beginning.awaitPlace();
        assertThat(beginning.await(() -> false)).isFalse();
        assertThat(beginning.await(() -> true)).isTrue();
    }

    @Test
    void a_node_that_is_not_on_the_network_says_why_and_what_to_do() throws Exception {
        assertThat(beginning(Duration.ZERO).notOnTheNetwork())
                .hasMessageContaining("This node is not on the network: there is no log");
        Files.createDirectories(home.resolve("log"));
        Files.writeString(
                home.resolve("log/node.0.log"),
                "ERROR network.mycelium.libp2p.provider.Libp2pNode: this node is not on the network: node.key is torn\n");
        assertThat(beginning(Duration.ZERO).notOnTheNetwork())
                .hasMessageStartingWith("This node is not on the network: node.key is torn.\nPut the right file back")
                .hasMessageContaining("`node restart`");
    }
}
