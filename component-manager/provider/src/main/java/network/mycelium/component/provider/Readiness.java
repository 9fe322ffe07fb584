package network.mycelium.component.provider;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Capability;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/// Whether bundles are up: active, every service that they declare (`osgi.service` capabilities) registered, and
/// every Felix health check that they register satisfied. A declared service of Declarative Services whose components
/// are not to be active now, for want of a configuration or because they are disabled or factories (OSGi Compendium
/// 112.5.1), is not waited for.
final class Readiness {
    private static final String HEALTH_CHECK = "org.apache.felix.hc.api.HealthCheck";
    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(2);
    /// Health checks announce no change, so they are asked again this often.
    private static final Duration HEALTH_INTERVAL = Duration.ofMillis(100);

    private final BundleContext context;

    private final InstalledBundles installed;

    Readiness(BundleContext context, InstalledBundles installed) {
        this.context = context;
        this.installed = installed;
    }

    /// Waits until the bundles are up.
    ///
    /// @return what is still missing after the time, or empty
    String await(Collection<Bundle> bundles, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        String problem = problem(bundles);
        if (problem.isEmpty()) {
            return problem;
        }
        var changed = new Semaphore(0);
        ServiceListener services = event -> changed.release();
        BundleListener states = event -> changed.release();
        context.addServiceListener(services);
        context.addBundleListener(states);
        try {
            for (problem = problem(bundles); !problem.isEmpty(); problem = problem(bundles)) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return problem;
                }
                if (changed.tryAcquire(Math.min(left, HEALTH_INTERVAL.toNanos()), TimeUnit.NANOSECONDS)) {
                    changed.drainPermits();
                }
            }
            return "";
        } finally {
            context.removeServiceListener(services);
            context.removeBundleListener(states);
        }
    }

    /// What keeps the bundles from being up, or empty.
    String problem(Collection<Bundle> bundles) {
        List<String> problems = new ArrayList<>();
        for (Bundle bundle : bundles) {
            String problem = problem(bundle);
            if (!problem.isEmpty()) {
                problems.add(bundle.getSymbolicName() + " " + bundle.getVersion() + " " + problem);
            }
        }
        return String.join("; ", problems);
    }

    private String problem(Bundle bundle) {
        if (InstalledBundles.isFragment(bundle)) {
            return bundle.getState() == Bundle.RESOLVED ? "" : "is not attached to its host";
        }
        boolean lazy = bundle.getState() == Bundle.STARTING
                && bundle.getHeaders("").get(Constants.BUNDLE_ACTIVATIONPOLICY) != null;
        if (bundle.getState() != Bundle.ACTIVE && !lazy) {
            String why = installed.startFailure(bundle);
            return why.isEmpty() ? "is not active" : "did not start: " + why;
        }
        ServiceReference<?>[] registered = bundle.getRegisteredServices();
        List<ServiceReference<?>> references = registered == null ? List.of() : List.of(registered);
        Set<String> missing = declared(bundle);
        for (ServiceReference<?> reference : references) {
            missing.removeAll(Arrays.asList((String[]) reference.getProperty(Constants.OBJECTCLASS)));
        }
        if (!missing.isEmpty()) {
            missing.removeAll(dormant(bundle));
        }
        if (!missing.isEmpty()) {
            return "has not registered its service "
                    + String.join(", ", missing.stream().sorted().toList());
        }
        for (ServiceReference<?> reference : references) {
            if (Arrays.asList((String[]) reference.getProperty(Constants.OBJECTCLASS))
                    .contains(HEALTH_CHECK)) {
                String problem = unhealthy(reference);
                if (!problem.isEmpty()) {
                    return problem;
                }
            }
        }
        return "";
    }

    private static Set<String> declared(Bundle bundle) {
        Set<String> declared = new HashSet<>();
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        if (revision == null) {
            return declared;
        }
        for (Capability capability : revision.getCapabilities("osgi.service")) {
            switch (capability.getAttributes().get(Constants.OBJECTCLASS)) {
                case Collection<?> names -> names.forEach(name -> declared.add(String.valueOf(name)));
                case String name -> declared.add(name);
                case null, default -> {}
            }
        }
        return declared;
    }

    /// The services whose components all wait for somebody to configure, enable or make them.
    private Set<String> dormant(Bundle bundle) {
        ServiceReference<ServiceComponentRuntime> reference =
                context.getServiceReference(ServiceComponentRuntime.class);
        ServiceComponentRuntime runtime = reference == null ? null : context.getService(reference);
        if (runtime == null) {
            return Set.of();
        }
        try {
            Set<String> dormant = new HashSet<>();
            Set<String> awake = new HashSet<>();
            for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs(bundle)) {
                (isDormant(runtime, component) ? dormant : awake).addAll(List.of(component.serviceInterfaces));
            }
            dormant.removeAll(awake);
            return dormant;
        } finally {
            context.ungetService(reference);
        }
    }

    private static boolean isDormant(ServiceComponentRuntime runtime, ComponentDescriptionDTO component) {
        return component.factory != null
                || !runtime.isComponentEnabled(component)
                || ("require".equals(component.configurationPolicy)
                        && runtime.getComponentConfigurationDTOs(component).stream()
                                .allMatch(c -> c.state == ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION));
    }

    /// Asked by reflection: the core needs no health check library, and a component may bring any version of it.
    private String unhealthy(ServiceReference<?> reference) {
        Object check = context.getService(reference);
        if (check == null) {
            return "";
        }
        try {
            return BoundedCall.run("health check", HEALTH_TIMEOUT, () -> {
                Object result = invoke(check, "execute");
                return Boolean.TRUE.equals(invoke(result, "isOk")) ? "" : "reports " + result;
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "was not asked for its health";
        } catch (Exception e) {
            Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
            return "has a health check that failed: " + cause;
        } finally {
            context.ungetService(reference);
        }
    }

    private static Object invoke(Object target, String method) throws ReflectiveOperationException {
        for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
            for (var candidate : type.getDeclaredMethods()) {
                if (candidate.getName().equals(method) && candidate.getParameterCount() == 0) {
                    candidate.setAccessible(true);
                    return candidate.invoke(target);
                }
            }
        }
        throw new NoSuchMethodException(target.getClass() + "." + method);
    }
}
