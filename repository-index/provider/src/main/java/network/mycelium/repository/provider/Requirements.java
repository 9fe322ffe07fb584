package network.mycelium.repository.provider;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/// Requirements in words, for people.
final class Requirements {
    private static final Pattern RANGE =
            Pattern.compile("\\((?:bundle-)?version>=([^)]*)\\)(?:\\(!\\((?:bundle-)?version>=([^)]*)\\)\\))?");

    private static final Pattern EXACT = Pattern.compile("\\(version>=([^)]*)\\)\\(version<=([^)]*)\\)");

    private Requirements() {}

    /// The value that the filter asks for in the attribute named like the namespace, or empty.
    static String name(Requirement requirement) {
        Matcher m = Pattern.compile("\\(" + Pattern.quote(requirement.getNamespace()) + "=([^()]*)\\)")
                .matcher(filter(requirement));
        return m.find() ? m.group(1) : "";
    }

    /// Name and version of a bundle, in an index or installed.
    static String name(Resource resource) {
        var identity = resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE);
        return identity.isEmpty()
                ? resource.toString()
                : identity.get(0).getAttributes().get(IdentityNamespace.IDENTITY_NAMESPACE) + " "
                        + identity.get(0).getAttributes().get(IdentityNamespace.CAPABILITY_VERSION_ATTRIBUTE);
    }

    /// Such as `package org.example [1.2,2)`.
    static String describe(Requirement requirement) {
        String name = name(requirement);
        if (name.isEmpty()) {
            return requirement.getNamespace() + " " + filter(requirement);
        }
        Matcher exact = EXACT.matcher(filter(requirement));
        if (exact.find() && exact.group(1).equals(exact.group(2))) {
            return kind(requirement.getNamespace()) + " " + name + " " + exact.group(1);
        }
        Matcher m = RANGE.matcher(filter(requirement));
        String range = !m.find()
                ? ""
                : m.group(2) == null ? " " + m.group(1) + " or higher" : " [" + m.group(1) + "," + m.group(2) + ")";
        return kind(requirement.getNamespace()) + " " + name + range;
    }

    private static String kind(String namespace) {
        return switch (namespace) {
            case PackageNamespace.PACKAGE_NAMESPACE -> "package";
            case IdentityNamespace.IDENTITY_NAMESPACE, "osgi.wiring.bundle" -> "bundle";
            case IndexDocument.COMPONENT_NAMESPACE -> "component";
            case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE -> "Java platform";
            default -> namespace;
        };
    }

    private static String filter(Requirement requirement) {
        return requirement.getDirectives().getOrDefault(Namespace.REQUIREMENT_FILTER_DIRECTIVE, "");
    }
}
