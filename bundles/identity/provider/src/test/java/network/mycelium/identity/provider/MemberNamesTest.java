package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.Member;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemberNamesTest {
    private static Member member(int number, String name, boolean revoked) {
        return new Member(
                Keys.envelopes(number).self(),
                name,
                Access.STANDARD,
                List.of(),
                Map.of(),
                Keys.envelopes(1).self(),
                Instant.EPOCH,
                Instant.MAX,
                revoked,
                List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                " bob",
                "bob ",
                "a\tb",
                "a\nb",
                "\u001b[2J",
                "a\u202eb",
                "a\u200bb",
                "a\u00a0b",
                "12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5",
                "bob~kq2Xw1ab"
            })
    void names_that_deceive_are_refused(String name) {
        assertThat(MemberNames.objection(name)).isPresent();
        var terms = new Terms(Access.STANDARD, List.of(), Map.of());
        var key = NodeSigner.key(Keys.envelopes(1).self());
        assertThatThrownBy(() -> terms.certificate(1, key, name)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bob", "Zoë 2", "雪", "node-a1b2c3", "1"})
    void names_of_people_and_machines_are_fine(String name) {
        assertThat(MemberNames.objection(name)).isEmpty();
    }

    @Test
    void roles_and_labels_are_printable() {
        assertThatThrownBy(() -> new Terms(Access.STANDARD, List.of("a\u001b[1m"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_two_members_with_one_name_one_is_called_otherwise_on_every_node_alike() {
        Member one = member(2, "bob", false);
        Member two = member(3, "Bob", false);
        Member gone = member(4, "bob", true);
        List<Member> shown = MemberNames.distinct(List.of(one, two, gone));
        assertThat(shown).extracting(Member::name).doesNotHaveDuplicates();
        assertThat(shown).containsExactlyElementsOf(MemberNames.distinct(List.of(gone, two, one)));
        Member lower = one.peer().compareTo(two.peer()) < 0 ? one : two;
        assertThat(shown).contains(lower);
        assertThat(MemberNames.isTaken("BOB", two.peer(), List.of(one, two))).isTrue();
        assertThat(MemberNames.isTaken("bob", one.peer(), List.of(one, gone))).isFalse();
    }
}
