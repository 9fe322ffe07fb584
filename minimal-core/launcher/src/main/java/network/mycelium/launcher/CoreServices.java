package network.mycelium.launcher;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;

/// The services by which a core shows that it is up. That its bundles are active says nothing: what they offer may
/// wait for something for ever. The names are those of the apis, which stay.
///
/// @param rescue without these nobody can mend the node
/// @param management what a node manages itself by
/// @param network what it is reached by over the network
/// @param membership what only a node offers that belongs to a network
record CoreServices(List<String> rescue, List<String> management, List<String> network, List<String> membership) {
    /// A service that a listener would not be told of appears within this.
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    static final CoreServices OF_A_NODE = new CoreServices(
            List.of("network.mycelium.shell.Shell"),
            List.of(
                    "network.mycelium.repository.RepositoryIndex",
                    "network.mycelium.repository.BundleStore",
                    "network.mycelium.component.ComponentManager"),
            List.of("network.mycelium.libp2p.Host", "network.mycelium.identity.NetworkIdentity"),
            List.of("network.mycelium.identity.Statements", "network.mycelium.component.Director"));

    /// @param member whether the node belongs to a network
    List<String> all(boolean member) {
        return Stream.of(rescue, management, network, member ? membership : List.<String>of())
                .flatMap(List::stream)
                .toList();
    }

    /// Waits until all of them are offered.
    ///
    /// @param over whether there is no use in waiting any longer
    /// @return what is still missing
    static List<String> await(BundleContext context, List<String> names, Duration limit, BooleanSupplier over)
            throws InterruptedException {
        var changed = new Semaphore(0);
        ServiceListener listener = event -> changed.release();
        context.addServiceListener(listener);
        try {
            long deadline = System.nanoTime() + limit.toNanos();
            List<String> missing = missing(context, names);
            while (!missing.isEmpty() && !over.getAsBoolean() && System.nanoTime() - deadline < 0) {
                if (changed.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    changed.drainPermits();
                }
                missing = missing(context, names);
            }
            return missing;
        } finally {
            context.removeServiceListener(listener);
        }
    }

    /// Those that no bundle offers.
    static List<String> missing(BundleContext context, List<String> names) {
        return names.stream()
                .filter(name -> references(context, name).isEmpty())
                .toList();
    }

    /// Those that cannot be had, also because what is behind the offer fails when it is asked for.
    static List<String> unusable(BundleContext context, List<String> names) {
        List<String> unusable = new ArrayList<>();
        for (String name : names) {
            boolean usable = false;
            for (ServiceReference<?> reference : references(context, name)) {
                usable |= context.getService(reference) != null;
                context.ungetService(reference);
            }
            if (!usable) {
                unusable.add(name);
            }
        }
        return unusable;
    }

    private static List<ServiceReference<?>> references(BundleContext context, String name) {
        try {
            ServiceReference<?>[] all = context.getAllServiceReferences(name, null);
            return all == null ? List.of() : List.of(all);
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new IllegalStateException("No filter is none that is wrong", e);
        }
    }

    /// As people read them.
    static String words(List<String> names) {
        return String.join(
                ", ",
                names.stream().map(n -> n.substring(n.lastIndexOf('.') + 1)).toList());
    }
}
