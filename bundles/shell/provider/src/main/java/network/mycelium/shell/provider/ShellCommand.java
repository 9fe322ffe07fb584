package network.mycelium.shell.provider;

import java.util.List;
import java.util.Set;

/// One command of a [CommandGroup].
///
/// @param usage the arguments, such as `NAME [--force]`
/// @param summary one line for the list of commands
/// @param least words at least, without options
/// @param most words at most
/// @param flags options without a value, besides `--json` and `--help`, which all have
/// @param valued options with a value
record ShellCommand(
        String name, String usage, String summary, int least, int most, Set<String> flags, Set<String> valued) {

    static ShellCommand of(String name, String usage, String summary, int least, int most) {
        return new ShellCommand(name, usage, summary, least, most, Set.of(), Set.of());
    }

    ShellCommand with(List<String> flagNames, List<String> valuedNames) {
        return new ShellCommand(name, usage, summary, least, most, Set.copyOf(flagNames), Set.copyOf(valuedNames));
    }

    ShellCommand flags(String... names) {
        return new ShellCommand(name, usage, summary, least, most, Set.copyOf(List.of(names)), valued);
    }

    ShellCommand valued(String... names) {
        return new ShellCommand(name, usage, summary, least, most, flags, Set.copyOf(List.of(names)));
    }
}
