package network.mycelium.shell.provider;

import network.mycelium.node.command.UsageException;

/// A command failed, and this is all that its caller is told.
final class CommandFailure extends RuntimeException {
    /// The exit code of a command that was understood and failed.
    static final int EXIT = 1;

    private static final long serialVersionUID = 1;
    private final int exit;

    CommandFailure(int exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    int exit() {
        return exit;
    }

    /// Which exit code tells of a failure.
    static int exitOf(Throwable failure) {
        return switch (failure) {
            case CommandFailure told -> told.exit;
            case UsageException usage -> UsageException.EXIT;
            default -> EXIT;
        };
    }
}
