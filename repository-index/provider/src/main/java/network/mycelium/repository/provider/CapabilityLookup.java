package network.mycelium.repository.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.utils.resource.CapabilitySet;
import org.apache.felix.utils.resource.RequirementImpl;
import org.osgi.framework.Constants;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;

/// Capabilities that are found by namespace and, where they have it, by the value of the attribute named like the
/// namespace: most filters ask for one, so a lookup touches few.
abstract class CapabilityLookup {
    private static final Pattern UNUSABLE = Pattern.compile("\\(\\||\\(!\\s*\\(");
    private static final Pattern VERSION_BOUND = Pattern.compile("\\(!\\((bundle-)?version>?=[^)]*\\)\\)");

    /// Values by namespace and filter; filters come from the indexes and the bundles present, so there are only
    /// so many.
    private static final Map<String, String> NAMED = new BoundedCache<>(20_000);

    /// All of a namespace.
    abstract List<Capability> all(String namespace);

    /// Those whose attribute named like the namespace has this value.
    abstract List<Capability> named(String namespace, String value);

    final List<Capability> matching(Requirement requirement) {
        List<Capability> found = new ArrayList<>();
        var filter = RequirementImpl.getFilter(requirement);
        for (Capability candidate : candidates(requirement)) {
            if (CapabilitySet.matches(candidate, filter) && mandatoryMet(candidate, requirement)) {
                found.add(candidate);
            }
        }
        return found;
    }

    private List<Capability> candidates(Requirement requirement) {
        String namespace = requirement.getNamespace();
        String filter = requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE);
        String value = filter == null ? "" : NAMED.computeIfAbsent(namespace + filter, k -> value(namespace, filter));
        return value.isEmpty() ? all(namespace) : named(namespace, value);
    }

    /// The one value that the filter allows for the attribute named like the namespace, or empty if it is not
    /// so simple.
    private static String value(String namespace, String filter) {
        // The negation of an upper version bound is harmless, that of the name would not be.
        String positive = VERSION_BOUND.matcher(filter).replaceAll("");
        Matcher m = Pattern.compile("\\(" + Pattern.quote(namespace) + "=([^()*\\\\]+)\\)")
                .matcher(positive);
        return m.find() && !UNUSABLE.matcher(positive).find() ? m.group(1) : "";
    }

    /// Attributes that the provider made mandatory must be named by the requirement (OSGi Core 3.7.6).
    private static boolean mandatoryMet(Capability capability, Requirement requirement) {
        String mandatory = capability.getDirectives().get(Constants.MANDATORY_DIRECTIVE);
        if (mandatory == null || mandatory.isBlank()) {
            return true;
        }
        String filter = requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
        for (String name : mandatory.split(",")) {
            if (!filter.contains("(" + name.strip() + "=")) {
                return false;
            }
        }
        return true;
    }
}
