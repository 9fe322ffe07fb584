package network.mycelium.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/// The bundles of a core: the folder `core/NN-name/` holds those of start level NN.
record CoreBundles(NavigableMap<Integer, List<Path>> levels) {
    private static final String BY_REFERENCE = "reference:";

    static CoreBundles in(Path core) throws IOException, LaunchException {
        var levels = new TreeMap<Integer, List<Path>>();
        try (var folders = Files.newDirectoryStream(core)) {
            for (Path folder : folders) {
                int level = Integer.parseInt(folder.getFileName().toString().split("-", 2)[0]);
                try (var jars = Files.newDirectoryStream(folder, "*.jar")) {
                    jars.forEach(jar -> levels.computeIfAbsent(level, l -> new ArrayList<>())
                            .add(jar));
                }
            }
        } catch (NumberFormatException e) {
            throw new LaunchException(
                    ExitCode.BOOT_FAILED, "A folder in " + core + " is not named NN-name: " + e.getMessage(), e);
        }
        if (levels.isEmpty()) {
            throw new LaunchException(ExitCode.BOOT_FAILED, "No bundles in " + core + ".");
        }
        levels.values().forEach(jars -> jars.sort(null));
        return new CoreBundles(levels);
    }

    int highestLevel() {
        return levels.lastKey();
    }

    /// By reference to where they are, which is verified; they start as the framework reaches their level.
    void install(BundleContext context) throws BundleException {
        var startLevel = context.getBundle().adapt(FrameworkStartLevel.class);
        for (var level : levels.entrySet()) {
            startLevel.setInitialBundleStartLevel(level.getKey());
            for (Path jar : level.getValue()) {
                Bundle bundle = context.installBundle(BY_REFERENCE + jar.toUri());
                if (!isFragment(bundle)) {
                    bundle.start(Bundle.START_ACTIVATION_POLICY);
                }
            }
        }
        context.getBundle().adapt(FrameworkWiring.class).resolveBundles(null);
        // Bundles that the core installs later start at once, whatever the level reached so far.
        startLevel.setInitialBundleStartLevel(1);
    }

    /// Those of the core that did not start.
    static List<String> down(BundleContext context) {
        return Stream.of(context.getBundles())
                .filter(bundle -> bundle.getLocation().startsWith(BY_REFERENCE) && !isFragment(bundle))
                .filter(bundle -> bundle.getState() != Bundle.ACTIVE && bundle.getState() != Bundle.STARTING)
                .map(Bundle::getSymbolicName)
                .toList();
    }

    private static boolean isFragment(Bundle bundle) {
        return bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
    }
}
