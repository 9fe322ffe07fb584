package network.mycelium.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The launcher's command line.
///
/// @param dist the distribution's folder
/// @param home the node home
/// @param acceptCore trust the key that signed this core from now on
/// @param interactive open the shell on this terminal
/// @param command a command for the running node; empty: be the node
record Options(Path dist, Path home, boolean acceptCore, boolean interactive, List<String> command) {

    static final String USAGE = """
            Usage: mycelium up [--home DIR] [--no-shell] [--accept-core]
                   mycelium SCOPE COMMAND [ARGS]...   a command for the running node, e.g. component list --json
              --home DIR      the node home (default: $MYCELIUM_HOME, else ~/.mycelium/node)
              --no-shell      do not open the shell, run until SIGTERM
              --accept-core   trust the key that signed this core, in place of the one trusted so far
            """;

    // A runtime without the module jdk.internal.le has no console where there is no terminal.
    @SuppressWarnings("SystemConsoleNull")
    static Options parse(String[] args) throws LaunchException {
        Path dist = Path.of(System.getProperty("mycelium.dist", "."));
        Path home = defaultHome();
        boolean accept = false;
        boolean interactive = System.console() != null && System.console().isTerminal();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--home" -> {
                    if (++i == args.length) {
                        throw new LaunchException(ExitCode.USAGE, "--home needs a folder.\n" + USAGE);
                    }
                    home = Path.of(args[i]);
                }
                case "--accept-core" -> accept = true;
                case "--no-shell" -> interactive = false;
                case "up" -> {}
                default -> {
                    if (args[i].startsWith("-")) {
                        throw new LaunchException(ExitCode.USAGE, "Unknown option " + args[i] + ".\n" + USAGE);
                    }
                    List<String> command = new ArrayList<>(List.of(args).subList(i, args.length));
                    return new Options(absolute(dist), absolute(home), accept, false, command);
                }
            }
        }
        return new Options(absolute(dist), absolute(home), accept, interactive, List.of());
    }

    private static Path defaultHome() {
        String home = System.getenv("MYCELIUM_HOME");
        return home != null && !home.isEmpty()
                ? Path.of(home)
                : Path.of(System.getProperty("user.home"), ".mycelium", "node");
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
