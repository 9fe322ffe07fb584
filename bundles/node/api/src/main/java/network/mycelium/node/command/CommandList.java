package network.mycelium.node.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

/// The commands of one scope that one bundle brings, and who may give which.
///
/// @param scope the word before a command, such as `network`; several bundles may have commands in one
public record CommandList(String scope, List<Command> commands) {
    public CommandList {
        commands = List.copyOf(commands);
    }

    /// Commands that take full access, as long as nothing else is said.
    public static CommandList of(String scope, Collection<Command> commands) {
        return new CommandList(scope, List.copyOf(commands));
    }

    /// Which access some of the commands take.
    public CommandList allow(Access level, String... names) {
        return each(command -> command.rights(level, command.usesKey(), command.local()), names);
    }

    /// Which of them sign by this node's key, or speak to others in its name.
    public CommandList usesKey(String... names) {
        return each(command -> command.rights(command.access(), true, command.local()), names);
    }

    /// Which of them are given in the node's own shell only, though they use no key.
    public CommandList localOnly(String... names) {
        return each(command -> command.rights(command.access(), command.usesKey(), true), names);
    }

    private CommandList each(UnaryOperator<Command> change, String... names) {
        List<Command> changed = new ArrayList<>(commands);
        for (String name : names) {
            int at = -1;
            for (int i = 0; i < changed.size(); i++) {
                if (changed.get(i).name().equals(name)) {
                    at = i;
                }
            }
            if (at < 0) {
                throw new IllegalArgumentException("There is no command " + scope + ":" + name);
            }
            changed.set(at, change.apply(changed.get(at)));
        }
        return new CommandList(scope, changed);
    }
}
