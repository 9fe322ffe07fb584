package network.mycelium.component.director;

import java.util.regex.Pattern;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/// Which versions of a component are meant: any, exactly one, or those in a range; as the component manager
/// reads it.
///
/// @param text as it was written; empty: any
record Versions(String text, VersionRange range) {
    static final int MAX_LENGTH = 256;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,128}");

    /// What a component manager is asked for: `NAME`, `NAME@VERSION` or `NAME@RANGE`.
    record Spec(String component, Versions versions) {
        /// @throws IllegalArgumentException if it is none
        static Spec parse(String text) {
            String[] parts = text.split("@", 2);
            return new Spec(checkName(parts[0]), Versions.parse(parts.length == 2 ? parts[1] : ""));
        }
    }

    /// @throws IllegalArgumentException if it is neither a version nor a range, or a range that nothing is in
    static Versions parse(String text) {
        try {
            if (text.length() > MAX_LENGTH) {
                throw new IllegalArgumentException("it is longer than %d characters".formatted(MAX_LENGTH));
            }
            boolean isRange = text.startsWith("[") || text.startsWith("(");
            VersionRange range = text.isEmpty()
                    ? new VersionRange("0")
                    : isRange ? new VersionRange(text) : exactly(Version.parseVersion(text));
            if (range.isEmpty()) {
                throw new IllegalArgumentException("no version is in it");
            }
            return new Versions(text, range);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"%s\" is neither a version such as 1.2.0 nor a range such as [1.2,2): %s"
                            .formatted(Texts.shown(text, 60), e.getMessage()),
                    e);
        }
    }

    private static VersionRange exactly(Version version) {
        return new VersionRange(VersionRange.LEFT_CLOSED, version, version, VersionRange.RIGHT_CLOSED);
    }

    /// @throws IllegalArgumentException if it is no name of a component
    static String checkName(String component) {
        if (!NAME.matcher(component).matches()) {
            throw new IllegalArgumentException(
                    "\"%s\" is no name of a component: that has letters, digits, '.', '_' and '-' only, and 128 at most"
                            .formatted(Texts.shown(component, 60)));
        }
        return component;
    }

    /// What somebody else reported may be no version: then it is not included.
    boolean includes(String version) {
        try {
            return range.includes(Version.parseVersion(version));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
