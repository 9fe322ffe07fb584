package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real processes killed with SIGKILL at random moments of random changes: whatever the moment, the next start
/// comes up with exactly the set before the change or the set after it, all of it active.
class KillIT {
    private static final int COMPONENTS = 6;

    @TempDir
    Path temp;

    @Test
    void after_a_kill_at_any_point_the_node_has_the_old_or_the_new_set() throws Exception {
        long seed = Seeds.seed("KillIT");
        var random = new Random(seed);
        int kills = Seeds.rounds("kills", 25);
        Path home = temp.resolve("home");
        int oldSets = 0;
        int newSets = 0;
        var node = NodeProcess.start(home);
        try {
            prepare(node);
            for (int i = 0; i < kills; i++) {
                Set<String> before = components(node);
                String[] change = change(random, before);
                Set<String> after = afterwards(before, change);
                var target = node;
                var command = Thread.ofVirtual().start(() -> {
                    try {
                        target.send(change);
                    } catch (IOException e) {
                        // It is being killed.
                    }
                });
                // Most of a change happens early.
                long delay = (long) (Math.pow(random.nextDouble(), 2) * 500_000_000);
                long start = System.nanoTime();
                while (System.nanoTime() - start < delay) {
                    Thread.onSpinWait();
                }
                node.kill();
                command.join();
                node = NodeProcess.start(home);
                Set<String> now = components(node);
                String round =
                        "seed %d, kill %d, %s after %d us".formatted(seed, i, String.join(" ", change), delay / 1000);
                assertThat(now).as(round).isIn(before, after);
                assertThat(bundles(node)).as(round).isEqualTo(expectedBundles(now));
                if (now.equals(before)) {
                    oldSets++;
                } else {
                    newSets++;
                }
            }
        } finally {
            node.close();
        }
        System.out.println(kills + " kills: " + oldSets + " old sets, " + newSets + " new sets");
    }

    private void prepare(NodeProcess node) throws Exception {
        List<String> publish =
                new ArrayList<>(List.of("repo:publish", temp.resolve("repo").toString()));
        for (int i = 0; i < COMPONENTS; i++) {
            for (int minor = 0; minor < 2; minor++) {
                var bundle = TestBundle.named("k.c" + i, "1." + minor + ".0")
                        .component("c" + i)
                        .service("c" + i, "v" + minor)
                        .file("noise", TestBundle.noise(50_000, i * 2L + minor));
                publish.add(bundle.write(temp.resolve("jars")).toString());
            }
        }
        Path key = temp.resolve("publisher.key");
        String id = node.send("repo:keygen", key.toString()).ok().out().strip();
        publish.addAll(List.of("--key", key.toString()));
        node.send(publish.toArray(String[]::new)).ok();
        node.send("repo:add", temp.resolve("repo").toString(), "--key", id).ok();
    }

    private static String[] change(Random random, Set<String> before) {
        String name = "c" + random.nextInt(COMPONENTS);
        boolean loaded = before.stream().anyMatch(c -> c.startsWith(name + "@"));
        if (!loaded) {
            return new String[] {"component:load", name + "@1.0.0"};
        }
        boolean old = before.contains(name + "@1.0.0");
        return new String[] {old && random.nextBoolean() ? "component:update" : "component:unload", name};
    }

    private static Set<String> afterwards(Set<String> before, String[] change) {
        Set<String> after = new TreeSet<>(before);
        String name = change[1].split("@")[0];
        after.removeIf(c -> c.startsWith(name + "@"));
        switch (change[0]) {
            case "component:load" -> after.add(name + "@1.0.0");
            case "component:update" -> after.add(name + "@1.1.0");
            default -> {}
        }
        return after;
    }

    /// The components that are active; one that is not fails the test.
    private static Set<String> components(NodeProcess node) throws IOException {
        String json = node.send("component:list", "--json").ok().out();
        Set<String> found = new TreeSet<>();
        var matcher = Pattern.compile("\"name\":\"([^\"]*)\",\"version\":\"([^\"]*)\",\"state\":\"([^\"]*)\"")
                .matcher(json);
        while (matcher.find()) {
            assertThat(matcher.group(3)).as(json).isEqualTo("ACTIVE");
            found.add(matcher.group(1) + "@" + matcher.group(2));
        }
        return found;
    }

    private static Set<String> bundles(NodeProcess node) throws IOException {
        Set<String> found = new TreeSet<>();
        var matcher = Pattern.compile("\\|Active +\\| +\\d+\\|(k\\.c\\d+ \\([\\d.]+\\))\\|")
                .matcher(node.send("felix:lb", "-s").ok().out());
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static Set<String> expectedBundles(Set<String> components) {
        Set<String> expected = new TreeSet<>();
        components.forEach(c -> expected.add("k." + c.replace("@", " (") + ")"));
        return expected;
    }
}
