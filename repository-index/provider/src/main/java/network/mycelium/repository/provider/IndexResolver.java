package network.mycelium.repository.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryIndex.Request;
import network.mycelium.repository.RepositoryIndex.Resolution;
import network.mycelium.repository.RepositoryIndex.Unresolvable;
import org.apache.felix.resolver.Logger;
import org.apache.felix.resolver.ResolverImpl;
import org.apache.felix.utils.resource.RequirementImpl;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.osgi.framework.BundleException;
import org.osgi.framework.Version;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wire;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.ResolveContext;

/// Resolves over a fixed set of indexed bundles, with Felix's resolver (OSGi Core 3, Compendium 136).
///
/// Requirements that are effective at `active`, such as those on services, are no business of the framework; they
/// are met in rounds afterwards: whoever declares the service joins the roots, until nothing is missing.
///
/// Immutable; safe from any thread.
final class IndexResolver {
    private static final int MAX_ROUNDS = 64;

    private final IndexCatalog indexed;

    IndexResolver(IndexCatalog indexed) {
        this.indexed = indexed;
    }

    Resolution resolve(Request request) throws Unresolvable {
        var context = new Context(request);
        Set<String> warnings = new LinkedHashSet<>();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Map<Resource, List<Wire>> wires = context.solve();
            List<Requirement> missing = context.missingServices(wires.keySet(), warnings);
            if (missing.isEmpty()) {
                return context.resolution(wires, List.copyOf(warnings));
            }
            missing.forEach(context::alsoRequire);
        }
        throw new Unresolvable("The services required by %s do not settle after %d rounds."
                .formatted(request.requirements(), MAX_ROUNDS));
    }

    private static final class Root extends org.apache.felix.utils.resource.ResourceImpl {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public String toString() {
            return "what was asked for";
        }
    }

    private final class Context extends ResolveContext {
        private final Request request;
        private final Root root = new Root();
        private final int asked;
        private final PresentCapabilities present;

        Context(Request request) throws Unresolvable {
            this.request = request;
            try {
                for (String requirement : request.requirements()) {
                    root.addRequirements(ResourceBuilder.parseRequirement(root, requirement));
                }
            } catch (BundleException | RuntimeException e) {
                throw new Unresolvable(
                        "The requirement %s cannot be read: %s.".formatted(request.requirements(), e.getMessage()));
            }
            this.asked = root.getRequirements(null).size();
            this.present = new PresentCapabilities(request.present(), request.wirings());
        }

        Map<Resource, List<Wire>> solve() throws Unresolvable {
            try {
                return new ResolverImpl(
                                new Logger(Logger.LOG_ERROR) {
                                    @Override
                                    protected void doLog(int level, String message, Throwable throwable) {
                                        System.getLogger(IndexResolver.class.getName())
                                                .log(System.Logger.Level.ERROR, message, throwable);
                                    }
                                },
                                0)
                        .resolve(this);
            } catch (ResolutionException e) {
                throw new Unresolvable(explain(e));
            }
        }

        /// Names the leaves: the requirements that nothing offers, and who asked for them.
        private String explain(ResolutionException e) {
            Set<String> missing = new LinkedHashSet<>();
            Set<Resource> seen = new HashSet<>();
            collectMissing(root, "", seen, missing);
            return missing.isEmpty()
                    ? "The bundles contradict each other: " + e.getMessage()
                    : String.join("; ", missing);
        }

        private void collectMissing(Resource resource, String because, Set<Resource> seen, Set<String> missing) {
            if (!seen.add(resource) || request.wirings().containsKey(resource)) {
                return;
            }
            for (Requirement requirement : resource.getRequirements(null)) {
                if (!isEffective(requirement) || optional(requirement)) {
                    continue;
                }
                List<Capability> providers = findProviders(requirement);
                if (providers.isEmpty()) {
                    missing.add("%s requires %s%s, and %s"
                            .formatted(
                                    Requirements.name(resource),
                                    Requirements.describe(requirement),
                                    because,
                                    offers(requirement)));
                }
                for (Capability provider : providers) {
                    collectMissing(
                            provider.getResource(),
                            resource == root ? "" : " (needed by " + Requirements.name(resource) + ")",
                            seen,
                            missing);
                }
            }
        }

        private String offers(Requirement requirement) {
            String name = Requirements.name(requirement);
            Set<String> others = new LinkedHashSet<>();
            for (CapabilityLookup lookup : List.of(present, indexed)) {
                for (Capability c : lookup.named(requirement.getNamespace(), name)) {
                    Object version = c.getAttributes()
                            .getOrDefault("version", c.getAttributes().get("bundle-version"));
                    others.add((version == null ? "one" : version) + " from " + Requirements.name(c.getResource()));
                }
            }
            return others.isEmpty() ? "nothing offers it" : "only these are offered: " + String.join(", ", others);
        }

        List<Requirement> missingServices(Collection<Resource> resources, Set<String> warnings) {
            List<Requirement> missing = new ArrayList<>();
            for (Resource resource : resources) {
                if (!(resource instanceof IndexedResource)) {
                    continue;
                }
                for (Requirement requirement : resource.getRequirements(null)) {
                    if (isEffective(requirement) || optional(requirement) || metBy(requirement, resources)) {
                        continue;
                    }
                    if (indexed.matching(requirement).stream().anyMatch(this::allowed)) {
                        missing.add(requirement);
                    } else {
                        warnings.add("%s needs %s; no known bundle declares it"
                                .formatted(Requirements.name(resource), Requirements.describe(requirement)));
                    }
                }
            }
            return missing;
        }

        private boolean metBy(Requirement requirement, Collection<Resource> resources) {
            if (!present.matching(requirement).isEmpty()) {
                return true;
            }
            return indexed.matching(requirement).stream().anyMatch(c -> resources.contains(c.getResource()));
        }

        void alsoRequire(Requirement requirement) {
            var directives = new HashMap<>(requirement.getDirectives());
            directives.remove(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE);
            root.addRequirement(new RequirementImpl(
                    root, requirement.getNamespace(), directives, new HashMap<>(requirement.getAttributes())));
        }

        Resolution resolution(Map<Resource, List<Wire>> wires, List<String> warnings) {
            List<Resource> roots = new ArrayList<>();
            List<Wire> rootWires = wires.getOrDefault(root, List.of());
            for (Requirement requirement : root.getRequirements(null).subList(0, asked)) {
                rootWires.stream()
                        .filter(w -> w.getRequirement() == requirement)
                        .findFirst()
                        .ifPresent(w -> roots.add(w.getProvider()));
            }
            Map<Resource, BundleRef> install = new LinkedHashMap<>();
            wires.keySet().stream()
                    .filter(IndexedResource.class::isInstance)
                    .map(IndexedResource.class::cast)
                    .sorted(Comparator.comparing((IndexedResource r) -> r.ref().symbolicName())
                            .thenComparing(r -> r.ref().version()))
                    .forEach(r -> install.put(r, r.ref()));
            return new Resolution(List.copyOf(roots), install, wires, warnings);
        }

        private boolean allowed(Capability capability) {
            return !(capability.getResource() instanceof IndexedResource r)
                    || !request.avoid().contains(r.ref().sha256());
        }

        private static boolean optional(Requirement requirement) {
            return Namespace.RESOLUTION_OPTIONAL.equals(
                            requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE))
                    || "dynamic".equals(requirement.getDirectives().get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE));
        }

        @Override
        public Collection<Resource> getMandatoryResources() {
            return List.of(root);
        }

        @Override
        public List<Capability> findProviders(Requirement requirement) {
            List<Capability> providers = present.matching(requirement);
            // What is only optional brings nothing new onto a node.
            if (!optional(requirement)) {
                List<Capability> offered = indexed.matching(requirement);
                offered.removeIf(c -> !allowed(c));
                // Highest version of the capability first; the table's order breaks ties, the same way each time.
                offered.sort(Comparator.comparing(IndexResolver::version).reversed());
                providers.addAll(offered);
            }
            return providers;
        }

        @Override
        public int insertHostedCapability(List<Capability> capabilities, HostedCapability hosted) {
            capabilities.add(hosted);
            return capabilities.size() - 1;
        }

        @Override
        public boolean isEffective(Requirement requirement) {
            return Namespace.EFFECTIVE_RESOLVE.equals(requirement
                    .getDirectives()
                    .getOrDefault(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE, Namespace.EFFECTIVE_RESOLVE));
        }

        @Override
        public Map<Resource, Wiring> getWirings() {
            return request.wirings();
        }
    }

    private static Version version(Capability capability) {
        return capability.getAttributes().get("version") instanceof Version version ? version : Version.emptyVersion;
    }
}
