package network.mycelium.launcher;

import java.io.IOException;

/// Entry point of the node process and of its command line client. Verifies the core, then hands over to
/// [CoreFramework]: no class of the core is touched before.
public final class NodeLauncher {
    private NodeLauncher() {}

    public static void main(String[] args) {
        int exit;
        try {
            Options options = Options.parse(args);
            exit = options.command().isEmpty()
                    ? runNode(options)
                    : ControlClient.run(options.home(), options.command());
        } catch (LaunchException e) {
            System.err.println(e.getMessage());
            exit = e.exitCode();
        } catch (IOException e) {
            System.err.println(NodeHome.describe(e));
            exit = ExitCode.FAILED;
        }
        System.exit(exit);
    }

    private static int runNode(Options options) throws LaunchException, IOException {
        try (var home = NodeHome.open(options.home())) {
            var trusted = TrustedCore.read(home);
            trusted.check(CoreManifest.verify(options.dist(), trusted.manifest()), options.acceptCore());
            NodeLog.open(home);
            return new CoreFramework(options, home).run();
        }
    }
}
