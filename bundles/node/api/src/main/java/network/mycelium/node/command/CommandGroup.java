package network.mycelium.node.command;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/// Commands that a bundle brings to its node: a service, there while they can be given. Of two commands of one name the
/// one of the lower service id is taken, and `node health` tells of the other.
///
/// Each call comes on a thread of its own and may block; it is interrupted when its caller goes away or its time is
/// over. A group never reads its caller's words again as a command.
@ConsumerType
public interface CommandGroup {
    /// What they are. Asked when the service comes, and not again.
    CommandList commands();

    /// Does one.
    ///
    /// @param command its name, without the scope
    /// @param arguments as the command takes them
    /// @param out for what comes bit by bit; the answer is returned
    /// @return a [Table], a [Shown], a text, or null after it printed by itself
    /// @throws UsageException if the words are not what it takes
    /// @throws Exception whose message tells people what was wrong, where, and what to do
    Object run(String command, Arguments arguments, PrintStream out) throws Exception;

    /// What there is of a kind, for who types a word of that kind. It must not block.
    ///
    /// @param kind as the usage of a command calls it: `NAME`, `PEER`; or an option with a value
    /// @param command its name, without the scope
    /// @param before the words before it
    default Collection<String> names(String kind, String command, List<String> before) {
        return List.of();
    }
}
