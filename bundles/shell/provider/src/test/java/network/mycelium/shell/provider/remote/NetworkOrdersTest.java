package network.mycelium.shell.provider.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import network.mycelium.shell.Shell;
import network.mycelium.shell.provider.Fakes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

class NetworkOrdersTest {
    private static final String ID = "00000000000000aa";
    private static final PeerId SELF = CallerSlotsTest.peer(1);
    private static final PeerId OPERATOR = CallerSlotsTest.peer(2);

    @TempDir
    Path home;

    private final FakeShell shell = new FakeShell();
    private final List<Statement> hold = new CopyOnWriteArrayList<>();
    private final AtomicReference<Consumer<Statement>> listener = new AtomicReference<>();
    private NetworkOrders orders;

    @BeforeEach
    void start() {
        var self = new Member(
                SELF,
                "self",
                Access.STANDARD,
                List.of("hypha"),
                Map.of(),
                OPERATOR,
                Instant.now(),
                Instant.MAX,
                false,
                List.of());
        orders = new NetworkOrders(
                Fakes.of(BundleContext.class, Map.of("getProperty", a -> home.toString())),
                Fakes.of(Host.class, Map.of("id", a -> SELF)),
                Fakes.of(NetworkIdentity.class, Map.of("member", a -> Optional.of(self))),
                Fakes.of(Statements.class, Map.of("of", a -> List.copyOf(hold), "listen", a -> {
                    @SuppressWarnings("unchecked")
                    var given = (Consumer<Statement>) a.getFirst();
                    listener.set(given);
                    return (AutoCloseable) () -> {};
                })),
                shell);
        orders.activate();
    }

    @AfterEach
    void stop() throws Exception {
        orders.deactivate();
    }

    private static Statement order(String key, Instant given, String... command) {
        return new Statement(
                OrderCodec.KIND,
                key,
                1,
                given,
                Instant.now().plusSeconds(60),
                OrderCodec.body(List.of(command), List.of(), List.of(), Map.of()),
                List.of(OPERATOR));
    }

    private void say(String key, String... command) {
        Statement statement = order(key, Instant.now(), command);
        hold.add(statement);
        listener.get().accept(statement);
    }

    @Test
    void an_order_is_done_once_in_the_name_of_its_signers() {
        say(ID, "node", "status");
        await().until(() -> orders.outcome(ID).isPresent());
        assertThat(orders.outcome(ID).get().output()).isEqualTo("done");
        assertThat(shell.users).hasSize(1);
        assertThat(shell.users.getFirst().origin()).isEqualTo(Shell.Origin.ORDER);
        assertThat(shell.users.getFirst().local()).isFalse();
        assertThat(shell.users.getFirst().toString()).contains(ID, OPERATOR.toString());
    }

    @Test
    void an_order_whose_deadline_passed_is_not_done_again_when_the_clock_is_put_back() {
        say(ID, "node", "restart");
        await().until(() -> orders.outcome(ID).isPresent());
        Statement order = hold.removeFirst();
        say("00000000000000bb", "node", "status");
        await().until(() -> orders.outcome("00000000000000bb").isPresent());
        // Its outcome can still be seen.
        assertThat(orders.outcome(ID)).isPresent();

        hold.add(order);
        say("00000000000000cc", "node", "status");
        await().until(() -> orders.outcome("00000000000000cc").isPresent());
        assertThat(shell.ran).hasSize(3);
    }

    @Test
    void an_order_that_fell_while_another_one_ran_is_not_done() {
        shell.meanwhile = () -> {
            hold.removeIf(order -> !order.key().equals(ID));
            shell.meanwhile = () -> {};
        };
        // Both are there when the orders are looked at.
        hold.addAll(List.of(
                order(ID, Instant.now(), "node", "status"),
                order("00000000000000bb", Instant.now().plusSeconds(1), "node", "restart")));
        listener.get().accept(hold.getFirst());
        await().until(() -> orders.outcome(ID).isPresent());
        say("00000000000000cc", "node", "status");
        await().until(() -> orders.outcome("00000000000000cc").isPresent());
        assertThat(shell.ran).containsExactly(List.of("node", "status"), List.of("node", "status"));
    }

    @Test
    void an_order_whose_key_is_a_path_is_none() {
        say("../../../pwned", "node", "stop");
        say(ID, "node", "status");
        await().until(() -> orders.outcome(ID).isPresent());
        assertThat(shell.ran).containsExactly(List.of("node", "status"));
        assertThat(orders.orders()).hasSize(1);
        assertThat(home.resolve("pwned.begun")).doesNotExist();
    }

    @Test
    void an_order_that_runs_ends_with_the_node() throws Exception {
        say(ID, "wait");
        await().until(() -> shell.ran.size() == 1);
        orders.deactivate();
        await().until(() -> shell.cancelled.size() == 1);
    }
}
