package network.mycelium.component.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/// Reads a journal as a node does that boots.
public final class Journals {
    private Journals() {}

    /// @param components as `NAME@VERSION`
    /// @param bundles digests of what runs
    public record Set(Collection<String> components, Collection<String> bundles) {}

    /// @param scratch a file that is overwritten
    public static Set read(byte[] journal, Path scratch) throws IOException {
        Files.write(scratch, journal);
        try (Journal open = Journal.open(scratch)) {
            NodeSet set = open.last();
            return new Set(List.copyOf(set.components().keySet()), List.copyOf(set.running()));
        }
    }
}
