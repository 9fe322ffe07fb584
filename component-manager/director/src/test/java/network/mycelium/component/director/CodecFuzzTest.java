package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Resources;
import network.mycelium.component.Director.Running;
import network.mycelium.component.Roles.Decision;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.Roles.Rule;
import network.mycelium.identity.Presence;
import network.mycelium.identity.Statement;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;

/// Whatever bytes come, a parser gives something that can be worked with, or says why not.
class CodecFuzzTest {
    private static final int ROUNDS = Integer.getInteger("mutations", 5_000);
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static Statement statement(String key, byte[] body) {
        return new Statement("kind", key, 7, Instant.EPOCH, Instant.MAX, body, List.of(Members.peer(1)));
    }

    private void fuzz(List<byte[]> seeds, Consumer<byte[]> parser) {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mutated(seeds.get(random.nextInt(seeds.size())));
            try {
                parser.accept(bytes);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException | StackOverflowError e) {
                fail("replay with -Dseed=" + seed + ", round " + round + ": " + Arrays.toString(bytes), e);
            }
        }
    }

    private byte[] mutated(byte[] seedBytes) {
        byte[] bytes = seedBytes.clone();
        for (int n = random.nextInt(4); n >= 0 && bytes.length > 0; n--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> {
                    byte[] more = Arrays.copyOf(bytes, bytes.length + 10);
                    Arrays.fill(more, bytes.length, more.length, (byte) 0xff);
                    bytes = more;
                }
                default -> {
                    byte[] twice = Arrays.copyOf(bytes, bytes.length + at);
                    System.arraycopy(bytes, 0, twice, bytes.length, at);
                    bytes = twice;
                }
            }
        }
        return bytes;
    }

    private static Directive directive() {
        return new Directive(
                "weather",
                "[1,2)",
                new Directive.Selector(List.of("hypha", "keeper"), Map.of("zone", "a"), new Resources(512, 2)),
                3,
                4,
                Optional.of(new Directive.Rollout("[0,1)", 1, 25, 60, 2, true, Members.ids(3, 1, 2))),
                Instant.MAX,
                7,
                Instant.EPOCH,
                Members.ids(1));
    }

    @Test
    void directives() {
        byte[] body = DirectiveCodec.body(directive());
        assertThat(DirectiveCodec.directive(statement("weather", body))).contains(directive());
        assertThat(DirectiveCodec.directive(statement("weather", DirectiveCodec.withdrawal())))
                .isEmpty();
        List<byte[]> seeds = List.of(body, DirectiveCodec.body(directive().at("1.0.0")), DirectiveCodec.withdrawal());
        fuzz(
                seeds,
                bytes -> DirectiveCodec.directive(statement("weather", bytes)).ifPresent(read -> {
                    // What was read can be worked with, and be signed again.
                    assertThat(DirectiveCodec.directive(statement("weather", DirectiveCodec.body(read))))
                            .contains(read);
                    Heard one = Members.heard(1, 0, Members.runs("weather", "1.0.0"));
                    one.runs(read.component(), Versions.parse(read.versions()));
                    Placement.among(read, List.of(one));
                    Objections.to(read, List.of(one), new Offers(new java.util.TreeMap<>(), Map.of()));
                    read.rollout()
                            .ifPresent(rollout ->
                                    Waves.starts(rollout, rollout.order().size()));
                }));
    }

    @Test
    void roles() {
        var rule = new Rule(Duration.ofHours(1), 512, 2, Access.STANDARD);
        var role = new Role("keeper", List.of("base", "weather@[1,2)"), Optional.of(rule));
        assertThat(RoleCodec.role(statement("keeper", RoleCodec.body(role)))).isEqualTo(role);
        fuzz(List.of(RoleCodec.body(role)), bytes -> {
            Role read = RoleCodec.role(statement("keeper", bytes));
            assertThat(RoleCodec.role(statement("keeper", RoleCodec.body(read))))
                    .isEqualTo(read);
            new OwnRoles(List.of(read), Set.of("keeper")).wanted(Set.of());
        });
    }

    @Test
    void decisions() {
        Map<String, Decision> all = Map.of("keeper", Decision.PROMOTE, "hypha", Decision.DEMOTE);
        assertThat(RoleCodec.decisions(statement("m", RoleCodec.body(all)))).isEqualTo(all);
        fuzz(List.of(RoleCodec.body(all)), bytes -> {
            Map<String, Decision> read = RoleCodec.decisions(statement("m", bytes));
            assertThat(RoleCodec.decisions(statement("m", RoleCodec.body(read))))
                    .isEqualTo(read);
        });
    }

    @Test
    void tasks() {
        byte[] body = RoleCodec.body("forecast", List.of("weather@[1,2)", "base"));
        assertThat(RoleCodec.components(statement("forecast", body))).containsExactly("weather@[1,2)", "base");
        fuzz(
                List.of(body),
                bytes -> RoleCodec.components(statement("forecast", bytes)).forEach(Versions.Spec::parse));
    }

    @Test
    void reports() {
        var state = new NodeState(
                List.of(
                        Members.runs("weather", "1.0.0"),
                        new Running("base", "2.1.0.x", "FAILED", "broke"),
                        new Running("core", "", NodeState.MISSING, "no index lists it"),
                        new Running("weather", "12", NodeState.REJECTED, "broke")),
                Optional.of(Instant.ofEpochMilli(5)),
                Set.of("hypha"),
                Map.of("keeper", "base does not run here yet"),
                new Resources(1000, 4));
        NodeState read = NodeState.parse(state.toBytes());
        assertThat(read.running()).containsExactlyInAnyOrderElementsOf(state.running());
        assertThat(read.untaken()).isEqualTo(state.untaken());
        assertThat(read.problem()).isEmpty();
        fuzz(List.of(state.toBytes()), bytes -> assertUsable(NodeState.parse(bytes)));
    }

    private static void assertUsable(NodeState state) {
        for (Running one : state.running()) {
            if (one.state().equals(NodeState.ACTIVE)) {
                assertThatCode(() -> org.osgi.framework.Version.parseVersion(one.version()))
                        .doesNotThrowAnyException();
            }
            assertThat(one.problem().chars()).noneMatch(c -> c < ' ');
        }
        assertThat(state.resources().memoryMiB()).isNotNegative();
        assertThat(NodeState.parse(state.toBytes()).running()).hasSameSizeAs(state.running());
    }

    @Test
    void trials() {
        var trial = new Trial("weather", 7, "2.0.0", "it broke", "", 2, 99, true);
        assertThat(Trial.parse(Trial.toBytes(List.of(trial)))).containsExactly(trial);
        fuzz(
                List.of(Trial.toBytes(List.of(trial, trial.halts("why")))),
                bytes -> Trial.parse(bytes).forEach(read -> read.resumed(1)));
    }

    @Test
    void a_report_that_says_more_than_fits_tells_what_matters_and_counts_the_rest() {
        List<Running> many = new java.util.ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            many.add(Members.runs("component-with-a-rather-long-name-" + i, "1.0.0"));
        }
        many.add(new Running("weather", "12", NodeState.REJECTED, "x".repeat(5000)));
        byte[] report = new NodeState(many, Optional.empty(), Set.of(), Map.of(), Resources.NONE).toBytes();
        assertThat(report.length).isLessThanOrEqualTo(Presence.MAX_REPORT).isGreaterThan(Presence.MAX_REPORT - 1000);
        NodeState read = NodeState.parse(report);
        assertThat(read.running().getFirst().state()).isEqualTo(NodeState.REJECTED);
        assertThat(read.running().size() + read.leftOut()).isEqualTo(many.size());
        assertThat(read.leftOut()).isPositive();
    }

    @Test
    void what_makes_no_sense_in_a_report_is_left_out_with_why_and_the_rest_stays() {
        var poison = new NodeState(
                List.of(
                        Members.runs("weather", "x y z"),
                        Members.runs("we at her", "1.0.0"),
                        new Running("base", "1.0.0", "\u001b[31mRED", ""),
                        new Running("base", "five", NodeState.REJECTED, ""),
                        Members.runs("good", "1.0.0")),
                Optional.empty(),
                Set.of("a role"),
                Map.of(),
                new Resources(-5, -6));
        NodeState read = NodeState.parse(poison.toBytes());
        assertThat(read.running()).containsExactly(Members.runs("good", "1.0.0"));
        assertThat(read.roles()).isEmpty();
        assertThat(read.problem()).isNotEmpty().doesNotContain("\u001b");
        assertThat(read.resources()).isEqualTo(Resources.NONE);
        assertThat(NodeState.parse(new byte[] {(byte) 0xff}).problem()).startsWith("it is no report");
    }
}
