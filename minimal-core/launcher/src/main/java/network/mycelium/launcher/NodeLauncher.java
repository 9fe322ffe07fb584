package network.mycelium.launcher;

import java.io.IOException;
import java.nio.file.Path;

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
            var choice = new CoreChoice(home.dir(), options.dist());
            int exit;
            do {
                exit = runCore(options, home, choice);
            } while (choice.goesOn() && !CoreFramework.isShuttingDown());
            return exit;
        }
    }

    /// Until the node is told to stop, or to go on with another core; one that does not come up gives way to the one
    /// before it.
    private static int runCore(Options options, NodeHome home, CoreChoice choice) throws LaunchException, IOException {
        NodeLog.open(home);
        home.tellFindings();
        var trusted = TrustedCore.read(home);
        // Always: the launcher, the framework and the key of the built-in repository are of the distribution.
        CoreManifest.Verified distribution = CoreManifest.verify(options.dist(), trusted.manifests());
        trusted.check(distribution, options.acceptCore());
        Path core = choice.choose();
        try {
            CoreManifest.Verified verified = distribution;
            if (!core.equals(options.dist())) {
                distribution.bundles().await();
                verified = CoreManifest.verify(core, trusted.manifests());
                trusted.check(verified, false);
            }
            return new CoreFramework(options, home, core, choice, verified.bundles()).run();
        } catch (LaunchException e) {
            if (choice.isTrial()) {
                choice.reject(e.getMessage());
            } else if (e.exitCode() == ExitCode.CORE_TAMPERED && !core.equals(options.dist())) {
                choice.forget(e.getMessage());
            } else {
                throw e;
            }
            return runCore(options, home, choice);
        }
    }
}
