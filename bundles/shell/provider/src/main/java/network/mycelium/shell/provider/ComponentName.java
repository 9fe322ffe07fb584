package network.mycelium.shell.provider;

import network.mycelium.node.command.Arguments;
import org.osgi.framework.VersionRange;

/// A component as people name it: `NAME`, `NAME@VERSION` or `NAME@RANGE`.
final class ComponentName {
    private ComponentName() {}

    /// A word that names one, as it is written.
    ///
    /// @throws network.mycelium.node.command.UsageException if it is not written so
    static String at(Arguments arguments, int i) {
        return arguments.word(i, ComponentName::checked);
    }

    private static String checked(String text) {
        String[] parts = text.split("@", 2);
        try {
            if (!parts[0].matches("[A-Za-z0-9._-]+")) {
                throw new IllegalArgumentException("a name has letters, digits, '.', '_' and '-' only");
            }
            if (parts.length == 2 && !parts[1].isEmpty()) {
                VersionRange.valueOf(parts[1]);
            }
            return text;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"%s\" names no component: %s. Write NAME, NAME@1.2.0 or NAME@[1.2,2)."
                            .formatted(text, e.getMessage()),
                    e);
        }
    }
}
