package network.mycelium.shell;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import network.mycelium.libp2p.PeerId;
import org.osgi.annotation.versioning.ProviderType;

/// Commands on other members. With full access this node may do all there, with less it may look and ping; each command
/// says which access it takes. A service while the node belongs to a network; safe from any thread.
@ProviderType
public interface RemoteShell {
    /// Runs a command on a member, and waits for its end.
    ///
    /// @param words the command and its arguments, taken literally
    /// @return 0, or after the error was written another exit code, as [Shell#CANCELLED] tells
    /// @throws IOException if the member is not reached, or goes away meanwhile
    int run(PeerId member, List<String> words, OutputStream out, OutputStream error) throws IOException;
}
