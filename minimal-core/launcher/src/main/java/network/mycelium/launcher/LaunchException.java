package network.mycelium.launcher;

/// The node cannot start. The message says what was wrong, where, and what to do; it is printed without a stack
/// trace.
final class LaunchException extends Exception {
    private static final long serialVersionUID = 1;
    private final int exitCode;

    LaunchException(int exitCode, String message) {
        this(exitCode, message, null);
    }

    LaunchException(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
