package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nodes of the distribution and where their bundles come from: what is on their disk, and what others put there.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RepositoryIT {
    private static final int LARGEST = 48 << 20;

    @TempDir
    Path temp;

    private String keygen(NodeProcess node, Path key) throws IOException {
        return node.send("repo", "keygen", key.toString()).ok().out().strip();
    }

    private static TestBundle bundle(String name) {
        return TestBundle.named("r." + name, "1.0.0").component(name);
    }

    @Test
    void a_node_whose_list_of_sources_is_damaged_comes_up_and_says_which_line_it_skips() throws Exception {
        Path home = temp.resolve("home");
        Files.createDirectories(home.resolve("state"));
        Files.write(home.resolve("state/sources"), new byte[] {'x', '\n', (byte) 0xff, (byte) 0xfe, '\n'});
        try (var node = NodeProcess.start(home)) {
            assertThat(node.send("repo", "list").ok().out()).contains("repository/");
            node.send("component", "load", "greeter").ok();
            assertThat(Files.readString(home.resolve("log/node.0.log")))
                    .contains("line 1 of " + home.resolve("state/sources"))
                    .contains("line 2 of ");
        }
    }

    /// Whoever can put an older index where the node reads it, with a fault that the newer one has mended.
    @Test
    void an_index_that_a_node_read_at_boot_is_not_taken_back() throws Exception {
        Path repository = temp.resolve("repository");
        Path key = temp.resolve("key");
        Path home = temp.resolve("victim");
        String[] publish = {"repo", "publish", repository.toString(), "", "--key", key.toString()};
        Map<Path, byte[]> old = new TreeMap<>();
        try (var publisher = NodeProcess.start(temp.resolve("publisher"))) {
            String id = keygen(publisher, key);
            publish[3] = bundle("old").write(temp.resolve("jars")).toString();
            publisher.send(publish).ok();
            try (var victim = NodeProcess.start(home)) {
                victim.send("repo", "add", repository.toString(), "--key", id).ok();
            }
            try (Stream<Path> files = Files.list(repository)) {
                for (Path file : files.filter(f -> f.getFileName().toString().startsWith("index.xml"))
                        .toList()) {
                    old.put(file, Files.readAllBytes(file));
                }
            }
            publish[3] = bundle("new").write(temp.resolve("jars")).toString();
            publisher.send(publish).ok();
        }
        try (var victim = NodeProcess.start(home)) {
            assertThat(victim.send("repo", "search", "r.").ok().out()).contains("r.new");
        }
        for (var file : old.entrySet()) {
            Files.write(file.getKey(), file.getValue());
        }
        try (var victim = NodeProcess.start(home)) {
            assertThat(victim.send("repo", "search", "r.").ok().out()).contains("r.new");
            assertThat(victim.send("repo", "list", "--json").ok().out()).contains("older than 2");
        }
    }

    @Test
    void the_largest_bundle_is_published_loaded_and_restored_in_a_heap_of_96_megabytes() throws Exception {
        Path home = temp.resolve("home");
        Path repository = temp.resolve("repository");
        Path key = temp.resolve("key");
        Path jar = bundle("large")
                .file("noise", TestBundle.noise(LARGEST - (64 << 10), 1))
                .write(temp.resolve("jars"));
        assertThat(Files.size(jar)).isBetween(LARGEST - (64L << 10), (long) LARGEST);
        Path collections = temp.resolve("gc.log");
        List<String> watched = List.of("env", "MYCELIUM_JAVA_OPTIONS=-Xlog:gc:file=" + collections);
        try (var node = NodeProcess.startBy(watched, home)) {
            String id = keygen(node, key);
            node.send("repo", "publish", repository.toString(), jar.toString(), "--key", key.toString())
                    .ok();
            node.send("repo", "add", repository.toString(), "--key", id).ok();
            node.send("component", "load", "large").ok();
            assertThat(node.send("component", "list").ok().out()).contains("large");
        }
        int loading = peak(collections);
        try (var node = NodeProcess.startBy(watched, home)) {
            assertThat(node.send("component", "list", "--json").ok().out()).contains("ACTIVE");
        }
        System.out.printf(
                "a bundle of %d bytes: at most %d MB of heap in use while it was loaded, %d while it was restored%n",
                Files.size(jar), loading, peak(collections));
        assertThat(loading).isLessThan(48);
        assertThat(peak(collections)).isLessThan(48);
    }

    /// Megabytes in use before a collection, at most.
    private static int peak(Path log) throws IOException {
        Pattern before = Pattern.compile(" (\\d+)M->");
        return Files.readAllLines(log).stream()
                .map(before::matcher)
                .filter(java.util.regex.Matcher::find)
                .mapToInt(m -> Integer.parseInt(m.group(1)))
                .max()
                .orElse(0);
    }
}
