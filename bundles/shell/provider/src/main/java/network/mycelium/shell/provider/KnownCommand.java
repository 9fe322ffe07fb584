package network.mycelium.shell.provider;

import network.mycelium.node.command.Access;
import network.mycelium.shell.Shell.User;
import org.osgi.framework.ServiceReference;

/// A command that is registered, and what its service says of it. One that says nothing, as those of Felix and Gogo,
/// takes full access and is given in the node's own shell only.
///
/// @param name `scope:name`
/// @param summary one line, maybe empty
/// @param usage its words, maybe empty; see [Usage]
/// @param usesKey whether it signs by this node's key, or speaks to others in this node's name
/// @param remote whether members and orders may give it
/// @param ours whether it is of this project: it reads its words itself
record KnownCommand(
        String name, String summary, String usage, Access access, boolean usesKey, boolean remote, boolean ours) {
    /// Properties of a command's service.
    static final String SUMMARY = "mycelium.summary";

    /// The words that it takes, as its help shows them.
    static final String USAGE = "mycelium.usage";

    /// The least access that it takes, as a name of [Access].
    static final String ACCESS = "mycelium.access";
    /// Boolean.
    static final String USES_KEY = "mycelium.uses.key";
    /// Boolean.
    static final String REMOTE = "mycelium.remote";

    static KnownCommand of(String name, ServiceReference<?> service) {
        boolean usesKey = Boolean.TRUE.equals(service.getProperty(USES_KEY));
        return new KnownCommand(
                name,
                text(service.getProperty(SUMMARY)),
                text(service.getProperty(USAGE)),
                access(service.getProperty(ACCESS)),
                usesKey,
                Boolean.TRUE.equals(service.getProperty(REMOTE)) && !usesKey,
                service.getProperty(REMOTE) != null);
    }

    private static String text(Object property) {
        return property instanceof String text ? text : "";
    }

    String scope() {
        return name.substring(0, name.indexOf(':'));
    }

    private static Access access(Object level) {
        for (Access access : Access.values()) {
            if (access.name().equals(level)) {
                return access;
            }
        }
        return Access.FULL;
    }

    /// Where two bundles have a command of one name, the stricter counts.
    KnownCommand and(KnownCommand other) {
        return new KnownCommand(
                name,
                summary,
                usage,
                access.compareTo(other.access) < 0 ? other.access : access,
                usesKey || other.usesKey,
                remote && other.remote,
                ours && other.ours);
    }

    /// @throws IllegalArgumentException if the user may not give it, saying what it takes
    void check(User user) {
        if (user.access().compareTo(access) < 0) {
            throw new IllegalArgumentException("%s has %s access; %s takes %s. `help` tells what each command takes."
                    .formatted(user.name(), user.access().text(), name, access.text()));
        }
        if (user.local()) {
            return;
        }
        if (usesKey) {
            throw new IllegalArgumentException(
                    "%s uses the key of this node: it is given in the node's own shell only, by its operator, not by %s."
                            .formatted(name, user.name()));
        }
        if (!remote) {
            throw new IllegalArgumentException(
                    "%s is given in the node's own shell only, not by %s.".formatted(name, user.name()));
        }
    }
}
