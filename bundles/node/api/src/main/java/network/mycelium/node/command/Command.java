package network.mycelium.node.command;

import java.util.List;
import java.util.Set;

/// What a command is, without what it does. All commands know `--help` and `--json` besides.
///
/// @param name without its scope
/// @param usage the words that it takes, such as `NAME[@VERSIONS] [--force] | --file FILE`: in capitals the kind of a
///     word ([CommandGroup#names] tells what there is of it), in small letters the word itself; ` | ` divides ways to
///     write the command
/// @param summary one line for the list of commands
/// @param least words at least, without options
/// @param most words at most
/// @param flags options without a value
/// @param valued options with a value
/// @param access the least that its caller has
/// @param usesKey whether it signs by this node's key, or speaks to others in this node's name: then it is given in the
///     node's own shell only
/// @param local whether it is given in the node's own shell only though it uses no key, for it decides whom this node
///     trusts, or handles keys and files of its machine
public record Command(
        String name,
        String usage,
        String summary,
        int least,
        int most,
        Set<String> flags,
        Set<String> valued,
        Access access,
        boolean usesKey,
        boolean local) {

    public Command {
        flags = Set.copyOf(flags);
        valued = Set.copyOf(valued);
    }

    /// One that takes full access, and no option.
    public static Command of(String name, String usage, String summary, int least, int most) {
        return new Command(name, usage, summary, least, most, Set.of(), Set.of(), Access.FULL, false, false);
    }

    public Command with(List<String> flagNames, List<String> valuedNames) {
        return new Command(
                name,
                usage,
                summary,
                least,
                most,
                Set.copyOf(flagNames),
                Set.copyOf(valuedNames),
                access,
                usesKey,
                local);
    }

    public Command flags(String... names) {
        return with(List.of(names), List.copyOf(valued));
    }

    public Command valued(String... names) {
        return with(List.copyOf(flags), List.of(names));
    }

    Command rights(Access least, boolean key, boolean here) {
        return new Command(name, usage, summary, this.least, most, flags, valued, least, key, here);
    }
}
