package network.mycelium.launcher;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;

/// Felix 7.0.5 keeps every uninstalled bundle that ever used a service as a key of a map in its service registry,
/// about 7.5 KB each. This takes such keys out as the bundle goes. It knows two private fields of Felix; where a
/// later version has others, it does nothing and says so once.
public final class ServiceRegistryLeak {
    private static final Logger LOG = System.getLogger(ServiceRegistryLeak.class.getName());

    private ServiceRegistryLeak() {}

    public static void mend(Framework framework) {
        try {
            Object registry = field(framework.getClass(), "m_registry").get(framework);
            var users = (Map<?, ?>) field(registry.getClass(), "m_inUseMap").get(registry);
            framework.getBundleContext().addBundleListener((SynchronousBundleListener) event -> {
                if (event.getType() == BundleEvent.UNINSTALLED || event.getType() == BundleEvent.UNRESOLVED) {
                    users.keySet().removeIf(b -> ((Bundle) b).getState() == Bundle.UNINSTALLED);
                }
            });
        } catch (ReflectiveOperationException | ClassCastException e) {
            LOG.log(
                    Level.WARNING,
                    "this Felix is another; uninstalled bundles may stay in its service registry: {0}",
                    e.toString());
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
