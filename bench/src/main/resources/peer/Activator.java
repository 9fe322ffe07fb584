package peer;

import java.util.function.Supplier;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Compiled when the benchmark runs, for the Java of the peer. */
public class Activator implements BundleActivator, Supplier<String> {
    public void start(BundleContext context) {
        context.registerService(Supplier.class, this, null);
    }

    public void stop(BundleContext context) {
        // The framework unregisters what was registered.
    }

    public String get() {
        return "here";
    }
}
