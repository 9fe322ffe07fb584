package network.mycelium.component.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleReference;
import org.osgi.framework.wiring.BundleWiring;

/// Finds threads that a removed bundle left running: by their class loaders, and by private packages of the
/// bundle on their stacks.
final class ThreadLeaks {
    private final Set<Bundle> bundles;
    private final Set<String> packages = new HashSet<>();

    /// Call before the bundles are removed: afterwards their packages are no longer known.
    ///
    /// @param staying other bundles; where one is another version of a removed one, a stack cannot tell them
    ///     apart
    ThreadLeaks(Collection<Bundle> bundles, Collection<Bundle> staying) {
        this.bundles = new HashSet<>(bundles);
        Set<String> ambiguous = new HashSet<>();
        staying.forEach(b -> ambiguous.add(b.getSymbolicName()));
        for (Bundle bundle : bundles) {
            BundleWiring wiring = bundle.adapt(BundleWiring.class);
            if (wiring == null || ambiguous.contains(bundle.getSymbolicName())) {
                continue;
            }
            for (String file : wiring.listResources(
                    "/", "*.class", BundleWiring.LISTRESOURCES_RECURSE | BundleWiring.LISTRESOURCES_LOCAL)) {
                int slash = file.lastIndexOf('/');
                packages.add(slash < 0 ? "" : file.substring(0, slash).replace('/', '.'));
            }
        }
    }

    /// Names of the threads that are still there.
    List<String> find() {
        List<String> found = new ArrayList<>();
        for (var entry : Thread.getAllStackTraces().entrySet()) {
            Thread thread = entry.getKey();
            if (belongs(thread.getContextClassLoader())
                    || belongs(thread.getClass().getClassLoader())
                    || onStack(entry.getValue())) {
                found.add(thread.getName());
            }
        }
        found.sort(null);
        return found;
    }

    private boolean belongs(ClassLoader loader) {
        return loader instanceof BundleReference reference && bundles.contains(reference.getBundle());
    }

    private boolean onStack(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            int dot = frame.getClassName().lastIndexOf('.');
            if (packages.contains(dot < 0 ? "" : frame.getClassName().substring(0, dot))) {
                return true;
            }
        }
        return false;
    }
}
