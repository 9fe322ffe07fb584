package network.mycelium.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import network.mycelium.node.command.Access;
import org.osgi.annotation.versioning.ProviderType;

/// The operator shell. A command is a call: its words are handed to it as they are, and no language reads them. The
/// language of the shell (Gogo's) is for people in a [Session], at this node, with full access. Threading: any number
/// of sessions and calls at once.
@ProviderType
public interface Shell {
    /// What [Call#await] gives for a command that was cancelled. Others give 0, or after the error was written 64 where
    /// the words cannot be understood (sysexits.h), such as an unknown command or option, and 1 for all else.
    int CANCELLED = 130;

    /// The screen at the other end of a session.
    ///
    /// @param type as in `$TERM`
    record Screen(String type, int columns, int rows) {}

    /// How somebody reaches this node.
    enum Origin {
        /// The terminal that the node was started from.
        TERMINAL,
        /// The command line of this machine, by who owns the node home.
        CONTROL_SOCKET,
        SSH,
        /// Another member of the network, over libp2p.
        MEMBER,
        /// An order of the network.
        ORDER
    }

    /// Who gives commands.
    ///
    /// @param name for people; another may have the same
    /// @param key by what the caller is known for certain: a user of this machine, the fingerprint of an SSH key, a
    ///     peer id, an order's number
    /// @param access which commands it may give
    record User(String name, String key, Access access, Origin origin) {
        /// Whether this is the node's own shell: its terminal, its control socket, or SSH with full access. Only
        /// there are commands given that use the node's key, and those of other bundles.
        public boolean local() {
            return switch (origin) {
                case TERMINAL, CONTROL_SOCKET -> true;
                case SSH -> access == Access.FULL;
                case MEMBER, ORDER -> false;
            };
        }

        @Override
        public String toString() {
            return name.equals(key) ? name : "%s (%s)".formatted(name, key);
        }
    }

    /// Opens a session with prompt, completion and history.
    ///
    /// @param in keys as a terminal in raw mode sends them
    Session open(InputStream in, OutputStream out, Screen screen, User user) throws IOException;

    /// Somebody at a terminal.
    interface Session {
        /// Until its user leaves, the input ends or it is hung up; the session is closed then. Once.
        void run() throws IOException;

        /// The terminal has another size now. From any thread.
        void resize(int columns, int rows);

        /// The terminal is gone: cancels the command that runs, and ends the session. From any thread.
        void hangUp();
    }

    /// Begins a command on a thread of its own. What is wrong with it is told on the error stream, not thrown.
    ///
    /// @param words the command and its arguments; taken literally, nothing in them is expanded
    /// @param in what the command reads, if it reads something
    Call begin(List<String> words, InputStream in, OutputStream out, OutputStream error, User user);

    /// Runs a command that reads nothing, to its end; one whose caller is interrupted is cancelled.
    ///
    /// @return as [Call#await]
    default int execute(List<String> words, OutputStream out, OutputStream error, User user) {
        return begin(words, InputStream.nullInputStream(), out, error, user).await();
    }

    /// A command that was begun. Safe from any thread.
    interface Call {
        /// Waits for its end. If the waiting thread is interrupted the command is cancelled, and the thread stays
        /// interrupted.
        ///
        /// @return as [#CANCELLED] tells
        int await();

        /// The same, and cancels the command when this has passed.
        int await(Duration limit);

        /// Interrupts the command and closes its session; nothing that it writes from now on goes out. One that goes
        /// on nevertheless is abandoned after a few seconds: it is counted, and nobody waits for it.
        ///
        /// @param why for its caller and the record
        void cancel(String why);
    }
}
