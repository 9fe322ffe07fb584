package network.mycelium.repository.provider;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;

/// Runs one task on a virtual thread when the framework is up, so that boot does not wait for it; at once if it is up
/// already. Closing waits for a task that runs.
final class AfterBoot implements AutoCloseable {
    private final BundleContext context;
    private final FrameworkListener listener = this::frameworkEvent;
    private final Thread thread;
    private boolean begun;

    AfterBoot(BundleContext context, String name, Runnable task) {
        this.context = context;
        this.thread = Thread.ofVirtual().name(name).unstarted(task);
        context.addFrameworkListener(listener);
        if (context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.ACTIVE) {
            begin();
        }
    }

    private void frameworkEvent(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.STARTED) {
            begin();
        }
    }

    private synchronized void begin() {
        if (!begun) {
            begun = true;
            thread.start();
        }
    }

    @Override
    public void close() {
        context.removeFrameworkListener(listener);
        synchronized (this) {
            if (!begun) {
                begun = true;
                return;
            }
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
