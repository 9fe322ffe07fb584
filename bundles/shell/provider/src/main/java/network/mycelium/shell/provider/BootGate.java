package network.mycelium.shell.provider;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// The shell is there before the commands of the core are. What is typed until then waits here: for those commands, or
/// for the end of the boot, or [#PATIENCE], so that a node whose boot fails or hangs can be mended from its shell.
@Component(service = BootGate.class)
public final class BootGate {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BundleContext context;
    private final CountDownLatch open = new CountDownLatch(1);
    private final FrameworkListener listener;

    @Activate
    public BootGate(BundleContext context) {
        this.context = context;
        this.listener = event -> {
            if (event.getType() == FrameworkEvent.STARTED) {
                open.countDown();
            }
        };
        context.addFrameworkListener(listener);
        var system = context.getBundle(0).adapt(FrameworkStartLevel.class);
        // A shell that is started later finds the node up.
        if (system.getStartLevel() >= beginningLevel()) {
            open.countDown();
        }
    }

    private int beginningLevel() {
        String level = context.getProperty("org.osgi.framework.startlevel.beginning");
        return level == null ? 1 : Integer.parseInt(level);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bind(CoreCommands commands) {
        open.countDown();
    }

    void unbind(CoreCommands commands) {
        // What opened once stays open.
    }

    @Deactivate
    void deactivate() {
        context.removeFrameworkListener(listener);
    }

    void await() throws InterruptedException {
        if (!open.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            open.countDown();
        }
    }
}
