package network.mycelium.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// The operator shell. Threading: any number of sessions at once, each on the thread that opened it.
@ProviderType
public interface Shell {
    /// The screen at the other end of a session.
    ///
    /// @param type as in `$TERM`
    record Screen(String type, int columns, int rows) {}

    /// Runs a session with prompt, completion and history, until its user leaves or the input ends.
    ///
    /// @param user who it is, for the log
    void interact(InputStream in, OutputStream out, Screen screen, String user) throws IOException;

    /// Runs one command.
    ///
    /// @param words the command and its arguments; taken literally, nothing in them is expanded
    /// @return 0, or 1 after the error was written
    int execute(List<String> words, OutputStream out, OutputStream error, String user);
}
