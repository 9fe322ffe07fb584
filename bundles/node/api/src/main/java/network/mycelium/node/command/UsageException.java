package network.mycelium.node.command;

/// A command line that cannot be understood: an unknown command, a wrong number of words, an option or a value that
/// is not written as it must be. The message says which, and what is right.
public class UsageException extends IllegalArgumentException {
    /// The exit code, after BSD `sysexits.h`.
    public static final int EXIT = 64;

    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
