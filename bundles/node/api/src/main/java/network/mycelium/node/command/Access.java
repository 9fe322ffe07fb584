package network.mycelium.node.command;

import java.util.Locale;

/// What somebody may do to a node or a network. Each level may all that those below it may.
public enum Access {
    /// Is known, and may do nothing.
    RESTRICTED,
    READ_ONLY,
    LIMITED,
    /// Takes part: runs components, serves bundles.
    STANDARD,
    /// An operator: admits members, signs what directs the network, and does whatever can be done to a node.
    FULL;

    /// As people write it: `read-only`.
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// @param text as people write it
    /// @throws UsageException if there is no such level
    public static Access parse(String text) {
        for (Access access : values()) {
            if (access.text().equals(text.toLowerCase(Locale.ROOT).replace('_', '-'))) {
                return access;
            }
        }
        throw new UsageException(
                "There is no access level " + text + "; there are: full, standard, limited, read-only, restricted");
    }
}
