package network.mycelium.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import network.mycelium.identity.Member.Access;
import org.osgi.annotation.versioning.ProviderType;

/// The operator shell. Threading: any number of sessions at once, each on the thread that opened it.
@ProviderType
public interface Shell {
    /// The screen at the other end of a session.
    ///
    /// @param type as in `$TERM`
    record Screen(String type, int columns, int rows) {}

    /// Who gives commands.
    ///
    /// @param name for the log
    /// @param access which commands it may give; the whole language of the shell is for [Access#FULL] alone, for
    ///     anything can be reached by it
    /// @param elsewhere whether what it does to this node goes on the audit record
    record User(String name, Access access, boolean elsewhere) {}

    /// Runs a session with prompt, completion and history, until its user leaves or the input ends.
    void interact(InputStream in, OutputStream out, Screen screen, User user) throws IOException;

    /// Runs one command.
    ///
    /// @param words the command and its arguments; taken literally, nothing in them is expanded
    /// @return 0, or 1 after the error was written, such as that the user may not do that
    int execute(List<String> words, OutputStream out, OutputStream error, User user);
}
