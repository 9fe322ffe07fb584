package network.mycelium.shell.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Supplier;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.NetworkIdentity.Deed;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.TerminalText;
import network.mycelium.shell.Shell.User;

/// Puts on record what is done to this node: who, by which key, what, and how it ended. While the node is in a network
/// that is its audit record; the log has it always. What only looks is not recorded, nor what is no command.
final class CommandRecord {
    private static final Logger LOG = System.getLogger(CommandRecord.class.getName());
    static final String DONE = "done";
    private static final String ACTION = "command";

    /// Null while the node has no identity.
    private final Supplier<NetworkIdentity> identity;

    CommandRecord(Supplier<NetworkIdentity> identity) {
        this.identity = identity;
    }

    static boolean isRecorded(KnownCommand command, User user) {
        return !command.ours() || command.access().compareTo(user.local() ? Access.STANDARD : Access.LIMITED) >= 0;
    }

    /// Before a command runs. What comes from elsewhere is not done if it cannot be put on record; who sits at the
    /// node must be able to mend it.
    void begin(KnownCommand command, List<String> arguments, User user) throws IdentityException {
        String text = text(command, arguments);
        LOG.log(Level.INFO, "{0} runs {1}", user, text);
        if (!user.local() && isRecorded(command, user)) {
            note(user, text, "begun");
        }
    }

    void end(KnownCommand command, List<String> arguments, User user, String outcome) {
        if (isRecorded(command, user)) {
            end(text(command, arguments), user, outcome);
        } else if (!outcome.equals(DONE)) {
            log(text(command, arguments), user, TerminalText.line(Secrets.hide(outcome)));
        }
    }

    /// @param text without secrets
    void end(String text, User user, String outcome) {
        String how = TerminalText.line(Secrets.hide(outcome));
        log(text, user, how);
        try {
            note(user, text, how);
        } catch (IdentityException e) {
            LOG.log(Level.WARNING, "what was done is not on the audit record: {0}", e.getMessage());
        }
    }

    private static void log(String text, User user, String outcome) {
        LOG.log(Level.INFO, "{0} ran {1}: {2}", user, text, outcome);
    }

    private static String text(KnownCommand command, List<String> arguments) {
        return arguments.isEmpty() ? command.name() : command.name() + " " + Secrets.hide(arguments);
    }

    private void note(User user, String text, String outcome) throws IdentityException {
        NetworkIdentity record = identity.get();
        if (record != null) {
            record.note(new Deed(user.name(), user.key(), ACTION, text, outcome));
        }
    }
}
