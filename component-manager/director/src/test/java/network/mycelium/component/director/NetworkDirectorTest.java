package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director.Ignored;
import network.mycelium.component.Director.RefusedException;
import network.mycelium.component.Director.Running;
import network.mycelium.component.Roles.Decision;
import network.mycelium.component.Roles.Role;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole director, of a node that hears whatever the test says.
class NetworkDirectorTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path home;

    private FakeNetwork network;
    private NetworkDirector director;

    @BeforeEach
    void begin() {
        network = new FakeNetwork(home, 1);
        network.manager.offer("weather", "1.0.0", "2.0.0");
        director = network.director();
        director.activate();
    }

    @AfterEach
    void end() throws Exception {
        director.deactivate();
    }

    private static Directive directive(String versions, Rollout rollout) {
        Directive asked = Members.directive("weather", versions, Directive.ALL, 0, rollout);
        return new Directive(
                asked.component(),
                asked.versions(),
                asked.selector(),
                asked.count(),
                0,
                asked.rollout(),
                Instant.now().plusSeconds(3600),
                0,
                Instant.EPOCH,
                List.of());
    }

    private static void soon(ThrowingRunnable check) {
        await().atMost(SOON).untilAsserted(check);
    }

    private void loads(String... loaded) {
        soon(() -> assertThat(network.manager.components())
                .extracting(c -> c.name() + " " + c.version())
                .containsExactly(loaded));
    }

    @Test
    void statements_that_make_no_sense_are_told_and_stop_no_other() throws Exception {
        network.say("directive", "tuner", new ProtoWriter().text(1, "[1").toBytes());
        network.say("role", "keeper", new ProtoWriter().text(1, "a b c").toBytes());
        network.say("task", "forecast", new ProtoWriter().text(1, "x@[").toBytes());
        network.say("member-roles", network.self.toString(), new byte[] {(byte) 0xff});
        director.direct(directive("1.0.0", null), false);
        loads("weather 1.0.0");
        assertThat(director.ignored())
                .extracting(Ignored::kind)
                .containsExactlyInAnyOrder("directive", "role", "task", "member-roles");
        assertThat(director.directives()).extracting(Directive::component).containsExactly("weather");
    }

    @Test
    void a_report_that_makes_no_sense_is_told_and_stops_nothing() throws Exception {
        var poison = new NodeState(
                List.of(Members.runs("weather", "x y z"), new Running("weather", "1", NodeState.HALTED, "")),
                Optional.empty(),
                Set.of(),
                Map.of(),
                Resources.NONE);
        network.hear(2, poison.toBytes());
        network.hear(3, new byte[] {(byte) 0xff});
        director.direct(directive("1.0.0", null), false);
        loads("weather 1.0.0");
        director.direct(directive("2.0.0", new Rollout("1.0.0", 3, 100, 0, 2, false, List.of())), false);
        loads("weather 2.0.0");
        assertThat(director.ignored())
                .extracting(Ignored::kind)
                .containsOnly("report")
                .hasSize(2);
    }

    @Test
    void what_does_nothing_is_refused_and_nothing_is_signed_unless_it_is_forced() throws Exception {
        assertThatThrownBy(() -> director.direct(directive("[1", null), true))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("[1");
        assertThatThrownBy(() -> director.direct(directive("3.0.0", null), false))
                .hasMessageContaining("there are: 1.0.0, 2.0.0")
                .hasMessageContaining("--force");
        assertThat(network.statements).isEmpty();
        director.direct(directive("3.0.0", null), true);
        assertThat(director.directives()).hasSize(1);
        soon(() -> assertThat(network.told().running())
                .anyMatch(
                        r -> r.state().equals(NodeState.MISSING) && r.problem().contains("no index lists")));
    }

    @Test
    void what_is_taken_back_is_unloaded() throws Exception {
        director.direct(directive("1.0.0", null), false);
        loads("weather 1.0.0");
        director.withdraw("weather");
        loads();
        assertThat(director.directives()).isEmpty();
        assertThatThrownBy(() -> director.withdraw("weather")).hasMessageContaining("Nothing is directed");
    }

    @Test
    void a_roll_out_names_those_who_are_there_in_its_order() throws Exception {
        network.hear(
                2,
                new NodeState(
                                List.of(Members.runs("weather", "1.0.0")),
                                Optional.empty(),
                                Set.of(),
                                Map.of(),
                                Resources.NONE)
                        .toBytes());
        Directive signed =
                director.direct(directive("2.0.0", new Rollout("1.0.0", 1, 50, 1, 0, false, List.of())), false);
        assertThat(signed.rollout().orElseThrow().order()).containsExactlyInAnyOrderElementsOf(Members.ids(1, 2));
    }

    @Test
    void a_version_that_failed_here_is_rejected_after_a_restart_too() throws Exception {
        director.direct(directive("1.0.0", null), false);
        loads("weather 1.0.0");
        network.manager.broken.add("weather 2.0.0");
        director.direct(directive("2.0.0", new Rollout("1.0.0", 1, 50, 1, 0, false, List.of())), false);
        soon(() -> assertThat(network.told().running()).anyMatch(r -> r.state().equals(NodeState.REJECTED)));
        director.deactivate();
        network.manager.broken.clear();
        director = network.director();
        director.activate();
        soon(() -> assertThat(director.course(director.directives().getFirst())).startsWith("rejected: "));
        loads("weather 1.0.0");
        assertThat(network.told().running()).anyMatch(r -> r.state().equals(NodeState.REJECTED));
    }

    @Test
    void a_role_is_loaded_in_its_own_name_and_says_why_it_is_not_taken() throws Exception {
        var roles = new NetworkRoles(network.identity(), network.spread(), network.presence());
        roles.define(new Role("keeper", List.of("weather@1.0.0"), Optional.empty()));
        roles.define(new Role("ghost", List.of("nothing"), Optional.empty()));
        roles.decide(network.self.toString(), "keeper", Decision.PROMOTE);
        roles.decide(network.self.toString(), "ghost", Decision.PROMOTE);
        soon(() -> assertThat(network.manager.loaded).containsEntry("weather 1.0.0", List.of("network role keeper")));
        soon(() ->
                assertThat(roles.of(network.self.toString())).contains("keeper").doesNotContain("ghost"));
        soon(() -> assertThat(director.nodes().getFirst().untaken())
                .containsEntry("ghost", "nothing does not run here: no index lists nothing"));
        director.direct(directive("2.0.0", null), false);
        director.direct(
                new Directive(
                        "weather",
                        "",
                        Directive.Selector.EVERY,
                        0,
                        0,
                        Optional.empty(),
                        Instant.now().plusSeconds(60),
                        0,
                        Instant.EPOCH,
                        List.of()),
                false);
        soon(() -> assertThat(director.nodes().getFirst().untaken())
                .containsEntry("keeper", "a directive says that weather does not run here"));
    }

    @Test
    void roles_of_others_are_theirs_by_certificate_decision_and_what_they_say() throws Exception {
        var roles = new NetworkRoles(network.identity(), network.spread(), network.presence());
        roles.define(new Role("keeper", List.of("weather"), Optional.empty()));
        roles.decide(Members.id(2), "keeper", Decision.PROMOTE);
        var silent = new NodeState(List.of(), Optional.empty(), Set.of(), Map.of(), Resources.NONE);
        network.hear(2, silent.toBytes());
        roles.decide(Members.id(2), "keeper", Decision.PROMOTE);
        assertThat(roles.of(Members.id(2))).containsExactly("hypha");
        var claims = new NodeState(List.of(), Optional.empty(), Set.of("keeper", "king"), Map.of(), Resources.NONE);
        network.hear(2, claims.toBytes());
        assertThat(roles.of(Members.id(2))).containsExactlyInAnyOrder("hypha", "keeper");
        roles.decide(Members.id(2), "hypha", Decision.DEMOTE);
        assertThat(roles.of(Members.id(2))).containsExactly("keeper");
        assertThat(roles.of(Members.id(77))).isEmpty();
        assertThatThrownBy(() -> roles.define(new Role("bad", List.of("x@["), Optional.empty())))
                .isInstanceOf(RefusedException.class);
    }
}
