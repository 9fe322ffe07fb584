package network.mycelium.node.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandListTest {
    private static final CommandList LIST = CommandList.of(
            "test",
            List.of(
                    Command.of("look", "[--all]", "Looks", 0, 0).flags("--all"),
                    Command.of("sign", "FILE", "Signs", 1, 1).valued("--key"),
                    Command.of("trust", "", "Trusts", 0, 0)));

    private static Command one(CommandList list, String name) {
        return list.commands().stream()
                .filter(command -> command.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_command_of_which_nothing_is_said_takes_full_access_and_may_be_given_from_elsewhere() {
        assertThat(LIST.commands()).allMatch(c -> c.access() == Access.FULL && !c.usesKey() && !c.local());
    }

    @Test
    void what_is_said_of_one_changes_nothing_else_of_it_nor_another() {
        CommandList list = LIST.allow(Access.READ_ONLY, "look").usesKey("sign").localOnly("trust", "sign");
        assertThat(one(list, "look")).isEqualTo(one(LIST, "look").rights(Access.READ_ONLY, false, false));
        assertThat(one(list, "look").flags()).containsExactly("--all");
        assertThat(one(list, "sign")).matches(c -> c.usesKey() && c.local() && c.access() == Access.FULL);
        assertThat(one(list, "sign").valued()).containsExactly("--key");
        assertThat(one(list, "trust")).matches(c -> !c.usesKey() && c.local());
        assertThat(list.commands()).extracting(Command::name).containsExactly("look", "sign", "trust");
    }

    @Test
    void a_name_that_is_none_is_a_fault_of_who_wrote_it() {
        assertThatThrownBy(() -> LIST.usesKey("sing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("test:sing");
    }

    @ParameterizedTest
    @EnumSource
    void a_level_is_read_as_it_is_written(Access access) {
        assertThat(Access.parse(access.text())).isEqualTo(access);
        assertThat(Access.parse(access.name())).isEqualTo(access);
        assertThat(access.text()).matches("[a-z-]+");
    }

    @Test
    void a_level_that_is_none_is_told_with_those_that_there_are() {
        assertThatThrownBy(() -> Access.parse("root"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("read-only");
    }
}
