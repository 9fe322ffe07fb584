package network.mycelium.launcher;

/// Exit codes of the node process, after BSD `sysexits.h`; documented in docs/operators.md.
public final class ExitCode {
    public static final int OK = 0;
    /// A command ran and failed.
    public static final int FAILED = 1;
    /// The command line cannot be understood.
    public static final int USAGE = 64;
    /// The core does not match its signed manifest.
    public static final int CORE_TAMPERED = 65;
    /// No node is running where a command asked for one.
    public static final int NO_NODE = 69;
    /// The framework or a bundle of the core failed to start.
    public static final int BOOT_FAILED = 70;
    /// The node home cannot be created or written.
    public static final int HOME_UNUSABLE = 73;
    /// Another node holds the home.
    public static final int HOME_LOCKED = 75;

    private ExitCode() {}
}
