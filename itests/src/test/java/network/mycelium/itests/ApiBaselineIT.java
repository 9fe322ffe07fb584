package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What other bundles are compiled against does not change without a word. `bnd/baseline/` has a listing of each
/// exported package; a change asks for a higher version of the package and for a new listing, which
/// `-Dapi.record=true` writes. What counts as a break is bnd's judgement, as for semantic versions in OSGi.
class ApiBaselineIT {
    private static final Path LISTINGS = ForeignPeers.checkout().resolve("bnd/baseline");

    @Test
    void no_exported_package_differs_from_its_recorded_listing() throws Exception {
        List<String> complaints = new ArrayList<>();
        Map<String, ExportedPackage> exported = exported();
        assertThat(exported).hasSizeGreaterThan(7);
        for (ExportedPackage current : exported.values()) {
            Path file = LISTINGS.resolve(current.name() + ".txt");
            String listing = Files.exists(file) ? Files.readString(file) : "";
            String complaint = listing.isEmpty()
                    ? current.name() + " has no listing in bnd/baseline"
                    : current.complaint(ExportedPackage.parse(listing));
            if (!complaint.isEmpty()) {
                complaints.add(complaint);
            } else if (!listing.equals(current.text())) {
                complaints.add(current.name() + " has a version that fits, but its listing is older");
            }
            if (Boolean.getBoolean("api.record") && (complaint.isEmpty() || listing.isEmpty())) {
                Files.writeString(file, current.text());
            }
        }
        for (Path file : listings()) {
            String name = file.getFileName().toString().replaceFirst("\\.txt$", "");
            if (!exported.containsKey(name)) {
                complaints.add(name + " is exported no more: delete " + file.getFileName());
            }
        }
        assertThat(complaints)
                .as("raise @Version in package-info.java where it is said, then record with -Dapi.record=true")
                .isEmpty();
    }

    @Test
    void a_removed_method_asks_for_a_major_version_and_an_added_one_for_a_minor() throws Exception {
        ExportedPackage current = exported().get("network.mycelium.storage");
        assertThat(current.complaint(current)).isEmpty();

        List<String> lines = new ArrayList<>(current.text().lines().toList());
        int method = lines.indexOf(lines.stream()
                .filter(line -> line.contains(" METHOD "))
                .findFirst()
                .orElseThrow());
        String line = lines.remove(method);
        while (lines.get(method).indexOf(lines.get(method).strip()) > line.indexOf(line.strip())) {
            lines.remove(method);
        }
        ExportedPackage without = ExportedPackage.parse(String.join("\n", lines) + "\n");

        assertThat(without.complaint(current))
                .contains("MAJOR")
                .contains("2.0.0")
                .contains("METHOD");
        assertThat(current.complaint(without)).contains("MINOR").contains("1.1.0");
    }

    @Test
    void a_listing_reads_as_it_was_written() throws Exception {
        for (ExportedPackage current : exported().values()) {
            assertThat(ExportedPackage.parse(current.text()).text()).isEqualTo(current.text());
        }
    }

    private static List<Path> listings() throws IOException {
        try (Stream<Path> files = Files.list(LISTINGS)) {
            return files.filter(file -> file.toString().endsWith(".txt")).toList();
        }
    }

    private static Map<String, ExportedPackage> exported() throws Exception {
        Map<String, ExportedPackage> exported = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Core.dist())) {
            for (Path jar : files.filter(file -> file.getFileName().toString().matches(".*api-[0-9].*\\.jar"))
                    .toList()) {
                ExportedPackage.of(jar).forEach(each -> exported.put(each.name(), each));
            }
        }
        return exported;
    }
}
