package network.mycelium.shell.provider;

import static network.mycelium.shell.provider.TestShell.OPERATOR;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Constants;

/// Commands come and go with the bundles that bring them.
class CommandGroupsTest {
    @TempDir
    Path home;

    private TestShell shell;

    @BeforeEach
    void begin() {
        shell = new TestShell(home);
    }

    private static TestGroup group(String answer, String... names) {
        return new TestGroup(
                "test",
                (name, a, out) -> answer + " " + name,
                List.of(names).stream()
                        .map(name -> Command.of(name, "", "", 0, 0))
                        .toList());
    }

    private String run(String name) {
        TestShell.Answer answer = shell.run(OPERATOR, "test", name);
        return answer.exit() == 0 ? answer.out().strip() : "none";
    }

    private void remove(CommandGroup group, long id) {
        shell.groups.unbind(group, Map.of(Constants.SERVICE_ID, id));
    }

    @Test
    void a_scope_has_commands_of_several_bundles_which_go_with_them() {
        var first = group("first", "one");
        long id = shell.add(first);
        shell.add(group("second", "two"));
        assertThat(run("one")).isEqualTo("first one");
        assertThat(run("two")).isEqualTo("second two");
        remove(first, id);
        assertThat(run("one")).isEqualTo("none");
        assertThat(run("two")).isEqualTo("second two");
    }

    @Test
    void of_two_of_one_name_the_first_has_it_until_it_goes() {
        var first = group("first", "one", "more");
        long id = shell.add(first);
        shell.add(group("second", "one"));
        assertThat(run("one")).isEqualTo("first one");
        assertThat(shell.groups.hidden()).containsExactly("test:one");
        remove(first, id);
        assertThat(run("one")).isEqualTo("second one");
        assertThat(run("more")).isEqualTo("none");
        assertThat(shell.groups.hidden()).isEmpty();
    }

    @Test
    void one_that_comes_later_with_a_lower_number_takes_it_over() {
        shell.groups.bind(group("late", "one"), Map.of(Constants.SERVICE_ID, 90L));
        shell.groups.bind(group("early", "one"), Map.of(Constants.SERVICE_ID, 80L));
        assertThat(run("one")).isEqualTo("early one");
    }

    @Test
    void a_group_that_cannot_say_what_it_brings_harms_no_other() {
        shell.add(new CommandGroup() {
            @Override
            public CommandList commands() {
                throw new IllegalStateException("a group that fails, on purpose");
            }

            @Override
            public Object run(String command, Arguments arguments, PrintStream out) {
                throw new AssertionError("never given");
            }
        });
        shell.add(group("good", "one"));
        assertThat(run("one")).isEqualTo("good one");
    }
}
