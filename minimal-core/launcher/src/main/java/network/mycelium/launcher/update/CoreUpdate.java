package network.mycelium.launcher.update;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import network.mycelium.files.AtomicFiles;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/// Activator of the component `core`, which carries a whole core: where another one runs, it puts its own beside it and
/// has the node go on with that. The launcher verifies it before anything of it starts, and goes back if it does not
/// come up; this component then fails to start, saying why. Where several versions of it are loaded, the one that was
/// loaded last counts.
public final class CoreUpdate implements BundleActivator {
    /// The other nodes learn that this one does as it is told before it is silent for a moment.
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    @Override
    public void start(BundleContext context) throws Exception {
        String version = context.getBundle().getVersion().toString();
        String running = context.getProperty("mycelium.core.version");
        if (version.equals(running) || isBooting(context) && isLoaded(context, running)) {
            return;
        }
        Path home = Path.of(context.getProperty("mycelium.home"));
        Path rejected = home.resolve("state/core-rejected");
        // One byte is one character: what is damaged can be read, too.
        List<String> lines =
                Files.exists(rejected) ? Files.readAllLines(rejected, StandardCharsets.ISO_8859_1) : List.of();
        for (String line : lines) {
            if (line.startsWith(version + " ")) {
                throw new IllegalStateException("core %s was tried on this node and did not come up: %s"
                        .formatted(version, line.substring(version.length() + 1)));
            }
        }
        unpack(context, home.resolve("cores"), version);
        AtomicFiles.write(home.resolve("state/core-next"), version + "\n");
        Thread.ofPlatform().daemon().name("core-update").start(() -> leave(context));
    }

    /// What starts then was loaded before, and is no order to change the core.
    private static boolean isBooting(BundleContext context) {
        return context.getBundle(0).getState() == Bundle.STARTING;
    }

    /// Whether the core that runs is itself one that was loaded: of several, the one that was loaded last.
    private static boolean isLoaded(BundleContext context, String running) {
        String name = context.getBundle().getSymbolicName();
        return Arrays.stream(context.getBundles())
                .anyMatch(b -> name.equals(b.getSymbolicName())
                        && b.getVersion().toString().equals(running));
    }

    private static void unpack(BundleContext context, Path cores, String version) throws IOException {
        Path fresh = cores.resolve(version + ".new");
        delete(fresh);
        Enumeration<URL> entries = context.getBundle().findEntries("/", "*", true);
        for (URL entry : Collections.list(entries)) {
            String path = entry.getPath().substring(1);
            boolean part = path.startsWith("core/") || path.startsWith("core.") || path.equals("release.pub");
            if (part && !path.endsWith("/")) {
                Path file = fresh.resolve(path).normalize();
                if (!file.startsWith(fresh)) {
                    throw new IOException("A core with a file " + path);
                }
                AtomicFiles.createFolders(file.getParent());
                // Synced each, for after a power cut what is named by `core-next` must be whole.
                try (InputStream in = entry.openStream()) {
                    AtomicFiles.write(file, in::transferTo);
                }
            }
        }
        delete(cores.resolve(version));
        AtomicFiles.move(fresh, cores.resolve(version));
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList().reversed()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void leave(BundleContext context) {
        try {
            LockSupport.parkNanos(FAREWELL.toNanos());
            context.getBundle(0).stop();
        } catch (BundleException e) {
            System.getLogger(CoreUpdate.class.getName())
                    .log(System.Logger.Level.ERROR, "the node does not go on with the new core", e);
        }
    }

    @Override
    public void stop(BundleContext context) {
        // What it has put beside the core stays until another one has come up.
    }
}
