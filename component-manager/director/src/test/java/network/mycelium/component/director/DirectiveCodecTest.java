package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Directive.Selector;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.Roles.Rule;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectiveCodecTest {
    private static Directive of(String component, String versions, int count, Rollout rollout) {
        return Members.directive(component, versions, count, 1, rollout);
    }

    private static Rollout from(String versions) {
        return new Rollout(versions, 1, 25, 60, 0, false, List.of());
    }

    private static Statement statement(ProtoWriter body) {
        return new Statement("k", "x", 7, Instant.EPOCH, Instant.MAX, body.toBytes(), List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1", "[1,", "x y z", "1.0.0.0.0", "[2,1]", "(1,1)", "-1", "[1,2)]"})
    void versions_that_are_none_are_refused_before_they_are_signed_and_when_they_come_in(String versions) {
        assertThatThrownBy(() -> DirectiveCodec.body(of("x", versions, 1, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(versions)
                .hasMessageContaining("such as [1.2,2)");
        assertThatThrownBy(() -> DirectiveCodec.body(of("x", "2.0.0", 1, from(versions))))
                .hasMessageContaining(versions);
        Statement signed = statement(new ProtoWriter().text(1, versions));
        assertThatThrownBy(() -> DirectiveCodec.directive(signed)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_directive_that_makes_no_sense_is_refused() {
        assertThatThrownBy(() -> DirectiveCodec.body(of("../x", "", 1, null))).hasMessageContaining("../x");
        assertThatThrownBy(() -> DirectiveCodec.body(of("x", "", -3, null))).hasMessageContaining("0 to");
        assertThatThrownBy(() -> DirectiveCodec.body(of("x", "1.0.0", Directive.ON_DEMAND, from("0.1.0"))))
                .hasMessageContaining("not rolled out");
        assertThatThrownBy(() -> DirectiveCodec.body(of("x", "", 1, from("0.1.0"))))
                .hasMessageContaining("from some versions to others");
        Directive good = of("x", "", 1, null);
        for (Selector bad : List.of(
                new Selector(List.of("no role"), Map.of()),
                new Selector(List.of(), Map.of("", "v")),
                new Selector(List.of(), Map.of("k", "v".repeat(200))),
                new Selector(List.of(), Map.of(), new Directive.Resources(-1, 0)))) {
            var directive =
                    new Directive("x", "", bad, 1, 0, Optional.empty(), good.expires(), 1, good.issued(), List.of());
            assertThatThrownBy(() -> DirectiveCodec.body(directive)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void numbers_out_of_bounds_are_refused() {
        for (ProtoWriter body : List.of(
                new ProtoWriter().varint(2, Long.MAX_VALUE),
                new ProtoWriter().varint(3, -1),
                new ProtoWriter().varint(9, 1L << 40),
                new ProtoWriter()
                        .text(1, "2.0.0")
                        .message(6, new ProtoWriter().text(1, "1.0.0").varint(3, 101)),
                new ProtoWriter()
                        .text(1, "2.0.0")
                        .message(6, new ProtoWriter().text(1, "1.0.0").varint(2, -1)))) {
            assertThatThrownBy(() -> DirectiveCodec.directive(statement(body)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void roles_out_of_bounds_are_refused() {
        for (ProtoWriter body : List.of(
                new ProtoWriter().text(1, "weather@[1"),
                new ProtoWriter().message(2, new ProtoWriter().varint(4, -1)),
                new ProtoWriter().message(2, new ProtoWriter().varint(4, 99)),
                new ProtoWriter().message(2, new ProtoWriter().varint(1, -1)),
                new ProtoWriter().message(2, new ProtoWriter().varint(3, 1L << 33)))) {
            assertThatThrownBy(() -> RoleCodec.role(statement(body))).isInstanceOf(IllegalArgumentException.class);
        }
        var decision =
                new ProtoWriter().message(1, new ProtoWriter().text(1, "keeper").varint(2, -1));
        assertThatThrownBy(() -> RoleCodec.decisions(statement(decision))).hasMessageContaining("no Decision -1");
        assertThatThrownBy(() -> RoleCodec.components(statement(new ProtoWriter().text(1, "a b"))))
                .hasMessageContaining("a b");
        var far = new Rule(Duration.ofDays(100_000), 0, 0, Access.STANDARD);
        assertThatThrownBy(() -> RoleCodec.body(new Role("r", List.of(), Optional.of(far))))
                .hasMessageContaining("uptime");
    }

    @Test
    void versions_are_taken_as_the_manager_takes_them() {
        assertThat(Versions.parse("1.2.0").includes("1.2.0")).isTrue();
        assertThat(Versions.parse("1.2.0").includes("1.3.0")).isFalse();
        assertThat(Versions.parse("[1,2)").includes("1.9.9")).isTrue();
        assertThat(Versions.parse("[1,2)").includes("2.0.0")).isFalse();
        assertThat(Versions.parse("").includes("0.0.1")).isTrue();
        assertThat(Versions.parse("").includes("x y z")).isFalse();
    }
}
