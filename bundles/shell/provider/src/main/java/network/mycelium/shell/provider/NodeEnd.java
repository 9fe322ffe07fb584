package network.mycelium.shell.provider;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/// Ends the node from within one of its commands.
final class NodeEnd {
    private static final Duration FAREWELL = Duration.ofMillis(200);

    private NodeEnd() {}

    /// On a thread of its own: the framework waits for this very command to end, and whoever gave it notes its outcome.
    static void stop(BundleContext context) {
        Thread.ofPlatform().name("node-stop").start(() -> {
            LockSupport.parkNanos(FAREWELL.toNanos());
            try {
                context.getBundle(0).stop();
            } catch (BundleException e) {
                System.getLogger(NodeEnd.class.getName()).log(Level.ERROR, "the node did not stop", e);
            }
        });
    }

    /// The launcher starts it again, in the same process.
    static void restart(BundleContext context) throws IOException {
        Files.writeString(Path.of(context.getProperty("mycelium.home"), "run", "restart"), "");
        stop(context);
    }
}
