package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import network.mycelium.distribution.Assembler;
import network.mycelium.distribution.CoreArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoreArchiveIT {
    @TempDir
    Path temp;

    /// A rebuild of the same sources must be the same archive: one that is published already is refused under other
    /// bytes.
    @Test
    void the_same_core_gives_the_same_bytes_and_no_entry_tells_when_it_was_made() throws Exception {
        Path first = temp.resolve("first.jar");
        Path second = temp.resolve("second.jar");
        CoreArchive.write(Core.dist(), "7.0.0", Assembler.releaseKey(), first);
        CoreArchive.write(Core.dist(), "7.0.0", Assembler.releaseKey(), second);

        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
        try (var zip = new ZipFile(first.toFile())) {
            List<? extends ZipEntry> entries = zip.stream().toList();
            assertThat(entries).hasSizeGreaterThan(20);
            assertThat(entries)
                    .allSatisfy(entry -> assertThat(entry.getTime())
                            .isLessThan(Instant.parse("1980-01-03T00:00:00Z").toEpochMilli()));
        }
    }
}
