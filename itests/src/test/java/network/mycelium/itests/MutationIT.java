package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentManager;
import network.mycelium.repository.Publisher;
import network.mycelium.repository.RepositoryException;
import network.mycelium.repository.RepositoryIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A signed repository changed in some way on its way here, thousands of times over: nothing of it is ever
/// installed, and each refusal says why.
class MutationIT {
    @TempDir
    Path temp;

    private Random random;

    /// What an attacker between the publisher and the node might do.
    private enum Mutation {
        FLIP_BIT_IN_BUNDLE,
        TRUNCATE_BUNDLE,
        APPEND_TO_BUNDLE,
        ADD_FILE_TO_BUNDLE,
        BOMB_FOR_BUNDLE,
        CLIMBING_PATH_IN_BUNDLE,
        SWAP_BUNDLES,
        FLIP_BIT_IN_INDEX,
        TRUNCATE_INDEX,
        SWAP_DIGESTS_IN_INDEX,
        ADD_ENTRY_TO_INDEX,
        LOCATION_OUTSIDE,
        OVERSIZED_INDEX,
        ENTITY_EXPANSION,
        FLIP_BIT_IN_SIGNATURE,
        TRUNCATE_SIGNATURE,
        WRONG_KEY,
        REPLAY_OLD_INDEX
    }

    @Test
    void no_changed_repository_is_ever_installed() throws Exception {
        long seed = Seeds.seed("MutationIT");
        random = new Random(seed);
        int mutations = Seeds.rounds("mutations", 10_000);
        Path folder = temp.resolve("repo");
        Map<Mutation, Integer> counts = new TreeMap<>();
        try (var core = Core.start(temp.resolve("home"))) {
            var a = TestBundle.named("m.a", "1.0.0")
                    .component("a")
                    .service("a", "one")
                    .write(temp.resolve("jars"));
            var b = TestBundle.named("m.b", "1.0.0")
                    .component("b")
                    .service("b", "two")
                    .write(temp.resolve("jars"));
            var repository = new Core.TestRepository(core, folder);
            core.service(Publisher.class).publish(folder, repository.key, List.of(a));
            Map<String, byte[]> old = read(folder);
            core.service(Publisher.class).publish(folder, repository.key, List.of(b));
            Map<String, byte[]> good = read(folder);
            var other = new Core.TestRepository(core, temp.resolve("other"));
            core.service(Publisher.class).publish(other.folder, other.key, List.of(a, b));
            Map<String, byte[]> foreign = read(other.folder);

            for (int i = 0; i < mutations; i++) {
                Mutation mutation = Mutation.values()[random.nextInt(Mutation.values().length)];
                counts.merge(mutation, 1, Integer::sum);
                Map<String, byte[]> changed = mutate(mutation, good, old, foreign);
                write(folder, good);
                // The good index is seen first, so that a replay can be told.
                var index = core.service(RepositoryIndex.class);
                index.add(folder.toUri(), Optional.of(repository.publisher));
                write(folder, changed);
                String round = "seed %d, round %d, %s".formatted(seed, i, mutation);
                String refusal = attempt(core, folder, repository.publisher, round);
                assertThat(refusal).as(round).hasSizeGreaterThan(20);
                assertThat(core.dynamicBundles()).as(round).isEmpty();
            }
            write(folder, good);
            core.service(RepositoryIndex.class).add(folder.toUri(), Optional.of(repository.publisher));
            core.load("a");
            core.load("b");
        }
        System.out.println(mutations + " mutations refused: " + counts);
    }

    /// Takes the index as an attacker offers it, then asks for both components.
    private static String attempt(Core core, Path folder, String publisher, String round) throws Exception {
        var index = core.service(RepositoryIndex.class);
        try {
            index.add(folder.toUri(), Optional.of(publisher));
        } catch (RepositoryException e) {
            return e.getMessage();
        }
        var messages = new StringBuilder();
        for (String name : List.of("a", "b")) {
            var change = new Change(Change.Kind.LOAD, name, "operator", false);
            try {
                core.manager().run(core.manager().plan(change), ComponentManager.Progress.NONE);
                // The bundle of the other component was changed: this one is genuine.
                core.change(Change.Kind.UNLOAD, name);
                clearCache(core);
            } catch (ComponentException e) {
                messages.append(e.getMessage());
            }
        }
        if (messages.isEmpty()) {
            fail(round + ": both components were installed");
        }
        return messages.toString();
    }

    private static void clearCache(Core core) throws IOException {
        try (var files = Files.list(core.home.resolve("cache/bundles"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private Map<String, byte[]> mutate(
            Mutation mutation, Map<String, byte[]> good, Map<String, byte[]> old, Map<String, byte[]> foreign)
            throws IOException {
        Map<String, byte[]> changed = new LinkedHashMap<>(good);
        String index = "index.xml";
        String bundle = random.nextBoolean() ? "bundles/m.a-1.0.0.jar" : "bundles/m.b-1.0.0.jar";
        String xml = new String(good.get(index), java.nio.charset.StandardCharsets.UTF_8);
        switch (mutation) {
            case FLIP_BIT_IN_BUNDLE -> changed.compute(bundle, (k, v) -> flip(v));
            case TRUNCATE_BUNDLE -> changed.compute(bundle, (k, v) -> truncate(v));
            case APPEND_TO_BUNDLE ->
                changed.compute(
                        bundle, (k, v) -> concat(v, TestBundle.noise(1 + random.nextInt(100), random.nextLong())));
            case ADD_FILE_TO_BUNDLE ->
                changed.put(bundle, zip("evil/Evil.class", TestBundle.noise(100, random.nextLong())));
            case BOMB_FOR_BUNDLE -> changed.put(bundle, zip("bomb", new byte[4 << 20]));
            case CLIMBING_PATH_IN_BUNDLE -> changed.put(bundle, zip("../../../etc/evil", new byte[10]));
            case SWAP_BUNDLES -> {
                changed.put("bundles/m.a-1.0.0.jar", good.get("bundles/m.b-1.0.0.jar"));
                changed.put("bundles/m.b-1.0.0.jar", good.get("bundles/m.a-1.0.0.jar"));
            }
            case FLIP_BIT_IN_INDEX -> changed.compute(index, (k, v) -> flip(v));
            case TRUNCATE_INDEX -> changed.compute(index, (k, v) -> truncate(v));
            case SWAP_DIGESTS_IN_INDEX ->
                changed.put(
                        index,
                        TestBundle.text(xml.replaceFirst(
                                "osgi.content\" value=\"[0-9a-f]{64}", "osgi.content\" value=\"" + "ab".repeat(32))));
            case ADD_ENTRY_TO_INDEX ->
                changed.put(index, TestBundle.text(xml.replace("</repository>", "<resource/></repository>")));
            case LOCATION_OUTSIDE -> changed.put(index, TestBundle.text(xml.replace("bundles/m.a", "../../m.a")));
            case OVERSIZED_INDEX ->
                changed.put(
                        index, TestBundle.text(xml.replace("</repository>", " ".repeat(1 << 16) + "</repository>")));
            case ENTITY_EXPANSION ->
                changed.put(
                        index,
                        TestBundle.text(xml.replace(
                                        "<repository",
                                        "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><repository")
                                .replace("m.a", "&b;")));
            case FLIP_BIT_IN_SIGNATURE -> {
                int from = xml.lastIndexOf(' ', xml.length() - " -->\n".length() - 1) + 1;
                String signature = xml.substring(from, xml.length() - " -->\n".length());
                byte[] flipped = flip(java.util.Base64.getDecoder().decode(signature));
                String other = java.util.Base64.getEncoder().encodeToString(flipped);
                changed.put(index, TestBundle.text(xml.replace(signature, other)));
            }
            case TRUNCATE_SIGNATURE -> {
                int line = xml.lastIndexOf("<!--");
                changed.put(index, TestBundle.text(xml.substring(0, line + random.nextInt(xml.length() - line))));
            }
            case WRONG_KEY -> changed.putAll(foreign);
            case REPLAY_OLD_INDEX -> changed.putAll(old);
        }
        return changed;
    }

    private byte[] flip(byte[] bytes) {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }

    private byte[] truncate(byte[] bytes) {
        return java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> read(Path folder) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (var walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().equals(".lock")) {
                    files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
                }
            }
        }
        return files;
    }

    private static void write(Path folder, Map<String, byte[]> files) throws IOException {
        for (var file : files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
    }
}
