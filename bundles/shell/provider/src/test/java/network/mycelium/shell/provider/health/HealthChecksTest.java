package network.mycelium.shell.provider.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.Director;
import network.mycelium.component.Director.Ignored;
import network.mycelium.component.Director.NodeReport;
import network.mycelium.component.Director.Running;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.node.health.HealthCheck;
import network.mycelium.node.health.HealthCheck.Finding;
import network.mycelium.node.health.HealthCheck.Problem;
import network.mycelium.shell.provider.Fakes;
import network.mycelium.shell.provider.settings.SettingsFixture;
import network.mycelium.storage.Database;
import network.mycelium.storage.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthChecksTest {
    @TempDir
    Path home;

    private static void well(Finding finding) {
        assertThat(finding.problems()).isEmpty();
    }

    private static Problem one(Finding finding) {
        assertThat(finding.problems()).hasSize(1);
        return finding.problems().getFirst();
    }

    private static Host host(String... addresses) {
        return Fakes.of(
                Host.class,
                Map.of(
                        "addresses",
                        a -> List.of(addresses).stream().map(Multiaddr::parse).toList()));
    }

    private Finding listening(Host host, String... wanted) throws Exception {
        return new ListenCheck(home, () -> host, () -> List.of(wanted)).look();
    }

    @Test
    void nothing_listened_on_is_a_problem() throws Exception {
        well(listening(host("/ip4/127.0.0.1/tcp/4001")));
        Problem nothing = one(listening(host()));
        assertThat(nothing.problem()).contains("listens on no address");
        assertThat(nothing.remedy()).contains("node config network.mycelium.libp2p listen=");
    }

    @Test
    void an_address_that_is_none_or_is_not_bound_is_a_problem() throws Exception {
        Host host = host("/ip4/127.0.0.1/tcp/4001");
        well(listening(host, "/ip4/127.0.0.1/tcp/4001", "/ip4/0.0.0.0/tcp/0"));
        assertThat(one(listening(host, "nonsense", "/ip4/127.0.0.1/tcp/4001")).problem())
                .contains("nonsense, which is no address");
        assertThat(one(listening(host, "/ip4/127.0.0.1/tcp/400")).problem())
                .isEqualTo("the node does not listen on /ip4/127.0.0.1/tcp/400");
    }

    @Test
    void a_key_that_cannot_be_read_is_told_with_the_last_reason_of_the_log() throws Exception {
        assertThat(one(listening(null)).problem()).contains("there is no log");
        Files.createDirectories(home.resolve("log"));
        Files.writeString(home.resolve("log/node.0.log"), """
                t SEVERE network.mycelium.libp2p.provider.Libp2pNode: this node is not on the network: old
                t SEVERE network.mycelium.libp2p.provider.Libp2pNode: this node is not on the network: state/node.key is damaged
                t INFO network.mycelium.Other: failed: this node is not on the network: told by a command
                """);
        Problem problem = one(listening(null));
        assertThat(problem.problem()).isEqualTo("this node is not on the network: state/node.key is damaged");
        assertThat(problem.remedy()).contains("put the right file back", "node restart");
    }

    @Test
    void a_database_that_does_not_answer_is_a_problem() throws Exception {
        Database broken = Fakes.of(
                Database.class,
                Map.of(
                        "dialect", a -> "postgresql",
                        "query",
                                a -> {
                                    throw new StorageException("Connection refused", null);
                                }));
        Database fine = Fakes.of(Database.class, Map.of("dialect", a -> "h2", "query", a -> List.of()));
        well(new DatabaseCheck(home, () -> broken, () -> false).look());
        assertThat(one(new DatabaseCheck(home, () -> broken, () -> true).look()).problem())
                .isEqualTo("the database cannot be reached: Connection refused");
        assertThat(one(new DatabaseCheck(home, () -> null, () -> true).look()).problem())
                .isEqualTo("there is no database service");
        Files.createDirectories(home.resolve("data"));
        Files.writeString(home.resolve("data/mycelium.mv.db"), "");
        well(new DatabaseCheck(home, () -> fine, () -> false).look());
        assertThat(one(new DatabaseCheck(home, () -> broken, () -> false).look())
                        .remedy())
                .contains("backup");
    }

    private static NodeReport node(String name, boolean alive, Running... running) {
        return new NodeReport(name, name, alive, Optional.empty(), Set.of(), Map.of(), List.of(running), 0);
    }

    private static Finding network(List<NodeReport> nodes, Ignored... ignored) {
        Director director = Fakes.of(Director.class, Map.of("nodes", a -> nodes, "ignored", a -> List.of(ignored)));
        return new NetworkCheck(() -> director, () -> "me").look();
    }

    @Test
    void a_member_that_is_not_heard_is_a_problem_unless_it_is_in_maintenance() {
        well(new NetworkCheck(() -> null, () -> "").look());
        well(network(List.of(node("me", true), node("you", true))));
        assertThat(one(network(List.of(node("me", false), node("you", false)))).problem())
                .isEqualTo("0 of 2 members are heard; silent: me, you");
        NodeReport away =
                new NodeReport("you", "you", false, Optional.of(Instant.EPOCH), Set.of(), Map.of(), List.of(), 0);
        well(network(List.of(node("me", true), away)));
    }

    @Test
    void what_is_directed_and_not_done_or_not_followed_is_a_problem() {
        Running missing = new Running("tuner", "", "MISSING", "no index has it");
        assertThat(one(network(List.of(node("me", true, missing)))).problem())
                .isEqualTo("tuner is directed to run here and is MISSING: no index has it");
        well(network(List.of(node("me", true), node("you", true, missing))));
        Ignored typo = new Ignored("directive", "tuner", List.of(), "'[1' is no version range");
        assertThat(one(network(List.of(node("me", true)), typo)).problem())
                .isEqualTo("directive tuner is not followed: '[1' is no version range");
        well(network(List.of(node("me", true)), new Ignored("report", "x", List.of(), "y")));
        NodeReport idle =
                new NodeReport("me", "me", true, Optional.empty(), Set.of(), Map.of("keeper", "no disk"), List.of(), 0);
        assertThat(one(network(List.of(idle))).problem()).isEqualTo("the role keeper is not taken: no disk");
    }

    @Test
    void a_home_that_is_full_cannot_be_written_or_has_damaged_files_is_a_problem() throws Exception {
        Files.createDirectories(home.resolve("state"));
        well(new HomeCheck(home, 0).look());
        assertThat(one(new HomeCheck(home, Long.MAX_VALUE).look()).problem()).contains("is nearly full");
        Files.createFile(home.resolve("data"));
        assertThat(one(new HomeCheck(home, 0).look()).problem()).isEqualTo(home.resolve("data") + " cannot be written");
        Files.delete(home.resolve("data"));
        Files.createFile(home.resolve("state/components.journal.damaged"));
        assertThat(one(new HomeCheck(home, 0).look()).problem()).contains("components.journal.damaged");
    }

    @Test
    void mistakes_in_settings_are_problems() throws Exception {
        try (var node = new SettingsFixture(home)) {
            well(new SettingsCheck(node.settings).look());
            Files.writeString(home.resolve("config/test.known.conf"), "port = x\n");
            Problem problem = one(new SettingsCheck(node.settings).look());
            assertThat(problem.problem()).startsWith("config/test.known.conf line 1: port takes");
            assertThat(problem.remedy()).contains("node config test.known");
        }
    }

    @Test
    void no_manager_and_a_full_heap_are_problems() {
        assertThat(one(new ComponentsCheck(() -> null).look()).problem()).contains("manager does not run");
        ComponentManager manager = Fakes.of(ComponentManager.class, Map.of("components", a -> List.of()));
        well(new ComponentsCheck(() -> manager).look());
        well(new HeapCheck(() -> 95, 100).look());
        assertThat(one(new HeapCheck(() -> 96, 100).look()).problem()).contains("nearly full: 96 %");
    }

    @Test
    void a_check_that_fails_or_hangs_is_a_problem_and_keeps_no_other_up() throws Exception {
        var never = new CountDownLatch(1);
        var results = NodeHealth.of(
                List.of(
                        check("hangs", () -> {
                            never.await();
                            return new Finding("", List.of());
                        }),
                        check("fails", () -> {
                            throw new IllegalStateException("broken");
                        }),
                        check("well", () -> new Finding("fine", List.of()))),
                Duration.ofSeconds(1));
        assertThat(one(results.get(0).finding()).problem()).contains("no answer within 1 seconds");
        assertThat(one(results.get(1).finding()).problem()).isEqualTo("broken");
        assertThat(results.get(2).finding()).isEqualTo(new Finding("fine", List.of()));
    }

    private static HealthCheck check(String name, java.util.concurrent.Callable<Finding> look) {
        return new HealthCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Finding look() throws Exception {
                return look.call();
            }
        };
    }
}
