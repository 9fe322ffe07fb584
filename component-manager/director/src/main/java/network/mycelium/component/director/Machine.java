package network.mycelium.component.director;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import network.mycelium.component.Directive.Resources;

/// The machine that this node runs on.
final class Machine {
    private static final long KIB = 1024;

    private Machine() {}

    static Resources resources() {
        return new Resources(memoryMiB(), Runtime.getRuntime().availableProcessors());
    }

    /// From Linux's `/proc`; elsewhere what this process may take.
    private static long memoryMiB() {
        Path file = Path.of("/proc/meminfo");
        if (Files.exists(file)) {
            try {
                for (String line : Files.readAllLines(file)) {
                    if (line.startsWith("MemTotal:")) {
                        return Long.parseLong(line.replaceAll("[^0-9]", "")) / KIB;
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Runtime.getRuntime().maxMemory() / KIB / KIB;
    }
}
