package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import network.mycelium.component.provider.Journals;
import network.mycelium.distribution.Assembler;
import network.mycelium.distribution.CoreArchive;
import network.mycelium.files.Sha256;
import network.mycelium.itests.Disk.Cut;
import network.mycelium.itests.FileOp.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real node changes its components, says something to its network and updates its core, and every call by which it
/// touches its home is recorded. Then the power is cut after each of these calls, on a [Disk] that loses what was not
/// synced: what is left must be the state before the change or the one after it, and what a command has answered for
/// must be there.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PowerCutIT {
    private static final String JOURNAL = "state/components.journal";
    /// What a node writes down for its convenience, and works without.
    private static final Set<String> HINTS = Set.of("state/ports", "state/peers");

    @TempDir
    Path temp;

    /// A command's answer: what holds from then on.
    private record Answered(long micros, String what, Set<String> components, boolean source) {}

    private final List<Answered> answers = new ArrayList<>();
    private NodeProcess node;
    private Set<String> expected = Set.of();
    private boolean trusted;

    private void send(String... words) throws IOException {
        node.send(words).ok();
        answers.add(new Answered(micros(), String.join(" ", words), expected, trusted));
    }

    private static long micros() {
        var now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    private Path bundle(String version) throws IOException {
        return TestBundle.named("cut.a", version)
                .component("a")
                .file("noise", TestBundle.noise(20_000, version.hashCode()))
                .write(temp.resolve("jars"));
    }

    @Test
    void after_a_power_cut_at_any_point_there_is_the_old_or_the_new() throws Exception {
        assumeTrue(FileOp.canRecord(), "strace is missing or may not trace here: no calls can be recorded");
        Path home = temp.resolve("home");
        Path repository = temp.resolve("repository");
        Path key = temp.resolve("key");
        String id;
        try (var before = NodeProcess.start(home)) {
            new TestNetwork(temp).add(before);
            before.send("network", "init", "cut").ok();
            id = before.send("repo", "keygen", key.toString()).ok().out().strip();
            Path core = temp.resolve("core.jar");
            CoreArchive.write(Core.dist(), "7.0.0", Assembler.releaseKey(), core);
            before.send(
                            "repo",
                            "publish",
                            repository.toString(),
                            bundle("1.0.0").toString(),
                            bundle("1.1.0").toString(),
                            core.toString(),
                            "--key",
                            key.toString())
                    .ok();
            before.terminate();
        }
        Disk disk = Disk.of(home);
        Path log = temp.resolve("strace.log");
        node = NodeProcess.startBy(FileOp.recordedIn(log), home);
        try {
            new TestNetwork(temp).add(node);
            trusted = true;
            send("repo", "add", repository.toString(), "--key", id);
            expected = Set.of("a@1.0.0");
            send("component", "load", "a@1.0.0");
            expected = Set.of("a@1.1.0");
            send("component", "update", "a");
            send("network", "direct", "absent", "--force", "--on", "1");
            send("component", "pin", "a");
            node.send("component", "load", "core@7.0.0");
            org.awaitility.Awaitility.await()
                    .atMost(TestNetwork.SOON)
                    .until(() -> Files.exists(home.resolve("state/core-trying"))
                            || Files.exists(home.resolve("state/core-current")));
        } finally {
            // The recorder ends by itself, and has written all then.
            ProcessHandle.of(node.pid())
                    .ifPresent(recorder -> recorder.descendants().forEach(ProcessHandle::destroyForcibly));
            node.awaitExit();
        }
        List<FileOp> ops = FileOp.read(log, home).stream()
                .filter(op ->
                        op.path().isEmpty() || op.path().matches("(!|(state|cache|cores|config|data/archives)(/|$)).*"))
                .toList();
        assertThat(ops).noneMatch(op -> op.path().startsWith("!"));
        replay(disk, ops, home);
    }

    private void replay(Disk disk, List<FileOp> ops, Path home) throws Exception {
        Set<Integer> seen = new HashSet<>();
        List<Map<String, byte[]>> states = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<String, byte[]> core = coreFiles(disk, ops, home);
        var random = new Random(Seeds.seed("PowerCutIT"));
        int next = 0;
        int checked = 0;
        for (int i = 0; i < ops.size(); i++) {
            FileOp op = ops.get(i);
            while (next < answers.size() && answers.get(next).micros() < op.micros()) {
                checkAllSynced(disk, answers.get(next), problems);
                next++;
            }
            disk.apply(op);
            for (Cut cut : Cut.values()) {
                Map<String, byte[]> files = disk.after(cut);
                if (seen.add(fingerprint(files))) {
                    checked++;
                    String where = "%s after call %d of %d, %s %s %s"
                            .formatted(cut, i, ops.size(), op.kind(), op.path(), op.to());
                    check(files, next == 0 ? null : answers.get(next - 1), core, where, problems);
                    sample(states, files, checked, random);
                }
            }
        }
        System.out.printf("%d calls, %d states after a power cut, %d answers%n", ops.size(), checked, answers.size());
        assertThat(problems).isEmpty();
        boot(states, home);
    }

    /// Keeps so many states, each with the same chance: all of them do not fit in memory.
    private static void sample(List<Map<String, byte[]>> states, Map<String, byte[]> files, int number, Random random) {
        int boots = Seeds.rounds("boots", 4);
        if (states.size() < boots) {
            states.add(files);
        } else {
            int place = random.nextInt(number);
            if (place < boots) {
                states.set(place, files);
            }
        }
    }

    private static int fingerprint(Map<String, byte[]> files) {
        int hash = 7;
        for (var file : files.entrySet()) {
            hash = 31 * hash + file.getKey().hashCode();
            hash = 31 * hash + System.identityHashCode(file.getValue());
        }
        return hash;
    }

    /// The core that the recorded node unpacked, once it was whole.
    private static Map<String, byte[]> coreFiles(Disk start, List<FileOp> ops, Path home) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(home.resolve("cores"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(home.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        assertThat(files).hasSizeGreaterThan(10);
        assertThat(start.after(Cut.NOTHING_LOST))
                .doesNotContainKeys(files.keySet().toArray(String[]::new));
        assertThat(ops).anyMatch(op -> op.kind() == Kind.RENAME && op.to().equals("state/core-next"));
        return files;
    }

    /// What was answered for is on the disk, whatever a power cut takes.
    private static void checkAllSynced(Disk disk, Answered answered, List<String> problems) {
        Map<String, byte[]> now = disk.after(Cut.NOTHING_LOST);
        for (Cut cut : List.of(Cut.ALL_LOST, Cut.BYTES_LOST, Cut.NAMES_LOST)) {
            Map<String, byte[]> after = disk.after(cut);
            for (var file : now.entrySet()) {
                String path = file.getKey();
                boolean matters = path.startsWith("state/") && !HINTS.contains(path);
                if (matters && !Arrays.equals(file.getValue(), after.get(path))) {
                    problems.add("%s was answered, but %s loses %s".formatted(answered.what(), cut, path));
                }
            }
        }
    }

    private void check(
            Map<String, byte[]> files, Answered last, Map<String, byte[]> core, String where, List<String> problems)
            throws IOException {
        Journals.Set set = Journals.read(files.getOrDefault(JOURNAL, new byte[0]), temp.resolve("journal"));
        List<Set<String>> allowed = new ArrayList<>();
        int from = last == null ? -1 : answers.indexOf(last);
        allowed.add(last == null ? Set.of() : last.components());
        if (from + 1 < answers.size()) {
            allowed.add(answers.get(from + 1).components());
        }
        Set<String> components = new TreeSet<>(set.components());
        components.removeIf(c -> c.startsWith("core@"));
        if (!allowed.contains(components)) {
            problems.add("%s: components %s, not one of %s".formatted(where, components, allowed));
        }
        for (String digest : set.bundles()) {
            byte[] bytes = files.get("cache/bundles/" + digest + ".jar");
            if (bytes == null || !Sha256.of(bytes).equals(digest)) {
                problems.add("%s: the set has %s, and the cache has not".formatted(where, digest));
            }
        }
        String sources = new String(files.getOrDefault("state/sources", new byte[0]), StandardCharsets.UTF_8);
        if (last != null && last.source() && !sources.contains("/repository/")) {
            problems.add(where + ": the source is no longer trusted");
        }
        // The folders of a core are not synced yet: the launcher refuses a core of which a part is missing.
        boolean names = !where.startsWith(Cut.ALL_LOST.name()) && !where.startsWith(Cut.NAMES_LOST.name());
        if (names && (files.containsKey("state/core-next") || files.containsKey("state/core-trying"))) {
            core.forEach((path, bytes) -> {
                if (!Arrays.equals(bytes, files.get(path))) {
                    problems.add("%s: the next core is named, and %s is not whole".formatted(where, path));
                }
            });
        }
    }

    /// Real nodes start from some of what is left.
    private void boot(List<Map<String, byte[]>> states, Path home) throws Exception {
        Path again = temp.resolve("again");
        for (Map<String, byte[]> state : states) {
            lay(state, home, again);
            try (var booted = NodeProcess.start(again)) {
                String list = booted.send("component", "list", "--json").ok().out();
                assertThat(list).doesNotContain("FAILED");
                assertThat(booted.send("repo", "list").ok().out()).contains("repository");
            }
        }
    }

    /// What was not recorded is as the node left it.
    private static void lay(Map<String, byte[]> files, Path home, Path target) throws IOException {
        if (Files.exists(target)) {
            try (Stream<Path> old = Files.walk(target)) {
                for (Path file : old.toList().reversed()) {
                    Files.delete(file);
                }
            }
        }
        for (var file : files.entrySet()) {
            if (!file.getKey().startsWith("run/") && !file.getKey().startsWith("work/")) {
                Path path = target.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
        }
        assertThat(home).isNotEqualTo(target);
    }
}
