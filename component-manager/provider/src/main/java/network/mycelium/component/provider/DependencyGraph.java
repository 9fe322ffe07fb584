package network.mycelium.component.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wire;

/// Who needs whom: by wires, of the framework for what is installed and of the resolution for what will be, and
/// by services, from the requirement on a service to a bundle that declares it. The same rules serve plans and
/// the running node, so that a plan says what will happen.
final class DependencyGraph {
    private static final String SERVICE = "osgi.service";

    private final Map<Resource, List<Wire>> planned;
    private final List<Resource> serviceProviders;
    private final Set<Resource> available;

    DependencyGraph(Collection<? extends Resource> available) {
        this(available, Map.of(), Set.of());
    }

    /// @param available what is or will be installed
    /// @param planned wires of those that are not installed yet
    /// @param leaving those of the available whose services will be gone, though others may be wired to their
    ///     classes
    DependencyGraph(
            Collection<? extends Resource> available, Map<Resource, List<Wire>> planned, Set<Resource> leaving) {
        this.available = new HashSet<>(available);
        this.planned = planned;
        this.serviceProviders = new ArrayList<>(available.stream()
                .filter(r -> !r.getCapabilities(SERVICE).isEmpty() && !leaving.contains(r))
                .toList());
        // For one bundle that offers it twice, and for those of which nothing is registered yet.
        this.serviceProviders.sort(
                Comparator.comparing(DependencyGraph::version).reversed().thenComparing(DependencyGraph::id));
    }

    /// The resource and all that it needs, each after what it needs itself.
    Set<Resource> closure(Resource root) {
        Set<Resource> done = new LinkedHashSet<>();
        visit(root, new HashSet<>(), done);
        return done;
    }

    /// Some resources, each after those it needs.
    List<Resource> inStartOrder(Collection<Resource> resources) {
        Set<Resource> done = new LinkedHashSet<>();
        Set<Resource> seen = new HashSet<>();
        resources.stream().sorted(Comparator.comparing(DependencyGraph::id)).forEach(r -> visit(r, seen, done));
        done.retainAll(new HashSet<>(resources));
        return List.copyOf(done);
    }

    private void visit(Resource resource, Set<Resource> seen, Set<Resource> done) {
        if (!seen.add(resource)) {
            return;
        }
        for (Resource needed : needs(resource)) {
            if (available.contains(needed)) {
                visit(needed, seen, done);
            }
        }
        done.add(resource);
    }

    private List<Resource> needs(Resource resource) {
        Set<Resource> needs = new LinkedHashSet<>();
        List<Wire> wires = planned.get(resource);
        if (wires != null) {
            wires.forEach(w -> needs.add(w.getProvider()));
        } else if (resource instanceof BundleRevision revision && revision.getWiring() != null) {
            BundleWiring wiring = revision.getWiring();
            wiring.getRequiredWires(null).forEach(w -> needs.add(w.getProvider()));
        }
        for (Requirement requirement : resource.getRequirements(SERVICE)) {
            boolean optional = Namespace.RESOLUTION_OPTIONAL.equals(
                    requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE));
            if (!optional) {
                serviceProvider(resource, requirement, needs);
            }
        }
        needs.remove(resource);
        return needs.stream().sorted(Comparator.comparing(DependencyGraph::id)).toList();
    }

    private void serviceProvider(Resource consumer, Requirement requirement, Set<Resource> needs) {
        String filter = requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE);
        if (filter == null) {
            return;
        }
        List<Resource> providers = serviceProviders.stream()
                .filter(r -> r.getCapabilities(SERVICE).stream().anyMatch(c -> matches(filter, c)))
                .toList();
        if (!providers.isEmpty() && !providers.contains(consumer)) {
            needs.add(providers.stream()
                    .max(Comparator.comparing(r -> Offer.of(r, filter)))
                    .orElseThrow());
        }
    }

    /// What a bundle offers for a requirement, the better the greater: by ranking, and of those with the same, what was
    /// registered first (OSGi Core 5.2.5). What is not registered yet comes after what is.
    private record Offer(int ranking, long id) implements Comparable<Offer> {
        static Offer of(Resource resource, String filter) {
            Offer best = new Offer(0, Long.MAX_VALUE);
            boolean registered = false;
            for (ServiceReference<?> reference : registered(resource)) {
                if (matches(filter, reference.getProperties())) {
                    var offer = new Offer(
                            reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0,
                            (long) reference.getProperty(Constants.SERVICE_ID));
                    best = !registered || offer.compareTo(best) > 0 ? offer : best;
                    registered = true;
                }
            }
            return best;
        }

        private static ServiceReference<?>[] registered(Resource resource) {
            ServiceReference<?>[] all = resource instanceof BundleRevision revision
                    ? revision.getBundle().getRegisteredServices()
                    : null;
            return all == null ? new ServiceReference<?>[0] : all;
        }

        @Override
        public int compareTo(Offer other) {
            int byRanking = Integer.compare(ranking, other.ranking);
            return byRanking != 0 ? byRanking : Long.compare(other.id, id);
        }
    }

    private static boolean matches(String filter, Dictionary<String, ?> properties) {
        return parse(filter).match(properties);
    }

    private static boolean matches(String filter, Capability capability) {
        return parse(filter).matches(capability.getAttributes());
    }

    private static Filter parse(String filter) {
        try {
            return FrameworkUtil.createFilter(filter);
        } catch (InvalidSyntaxException e) {
            // The framework refused to install such a bundle, or the index to list it.
            throw new IllegalStateException("bad filter " + filter, e);
        }
    }

    static String id(Resource resource) {
        Map<String, Object> identity = identity(resource);
        return identity.get(IdentityNamespace.IDENTITY_NAMESPACE) + " " + version(resource);
    }

    static Version version(Resource resource) {
        return identity(resource).get("version") instanceof Version version ? version : Version.emptyVersion;
    }

    private static Map<String, Object> identity(Resource resource) {
        List<Capability> all = resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE);
        return all.isEmpty() ? Map.of() : all.get(0).getAttributes();
    }
}
