package network.mycelium.component.provider;

import java.util.Hashtable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/// Activators of bundles of tests. Each is a class of its own, which a bundle can hold alone.
final class Activators {
    private Activators() {}

    /// Registers a `Runnable`: any that is at hand.
    public static final class Registers implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            context.registerService(Runnable.class, Thread.currentThread(), null);
        }

        @Override
        public void stop(BundleContext context) {
            // The framework takes the service back.
        }
    }

    /// Registers a `Runnable` that others are to prefer.
    public static final class RegistersRanked implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            var properties = new Hashtable<String, Object>();
            properties.put("service.ranking", 10);
            context.registerService(Runnable.class, Thread.currentThread(), properties);
        }

        @Override
        public void stop(BundleContext context) {
            // The framework takes the service back.
        }
    }

    /// Does not start.
    public static final class Fails implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            throw new IllegalStateException("no disk");
        }

        @Override
        public void stop(BundleContext context) {
            // It never started.
        }
    }

    /// Does not start, in a way that nobody expects.
    public static final class FailsWithError implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            throw new LinkageError("a class is missing");
        }

        @Override
        public void stop(BundleContext context) {
            // It never started.
        }
    }
}
