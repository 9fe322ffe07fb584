package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoreManifestTest {
    @TempDir
    Path temp;

    private TestDistribution dist;

    @BeforeEach
    void make() throws Exception {
        dist = TestDistribution.in(temp.resolve("dist"))
                .file("core/10-a/a.jar", new byte[5000])
                .file("mycelium", "not covered".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .sign();
    }

    private CoreManifest.Verified verify() throws LaunchException {
        CoreManifest.Verified verified = CoreManifest.verify(dist.dir, List.of());
        verified.bundles().await();
        return verified;
    }

    private void assertTampered(String what) {
        assertThatThrownBy(this::verify)
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CORE_TAMPERED))
                .hasMessageContaining(what)
                .hasMessageContaining("Install the distribution again");
    }

    @Test
    void what_was_signed_is_verified() throws Exception {
        CoreManifest.Verified verified = verify();
        assertThat(verified.key())
                .isEqualTo(Files.readString(dist.dir.resolve("release.pub")).strip());
        assertThat(verified.sha256()).hasSize(64);
        Files.writeString(dist.dir.resolve("mycelium"), "may differ");
        verify();
    }

    @Test
    void any_covered_file_that_differs_is_named() throws Exception {
        for (String file : List.of(
                "lib/framework.jar",
                "core/10-a/a.jar",
                "core/00-core/version",
                "repository/publisher",
                "repository/index.xml")) {
            Path path = dist.dir.resolve(file);
            byte[] good = Files.readAllBytes(path);
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 1;
            Files.write(path, bad);
            assertTampered(file + " differs");
            Files.write(path, java.util.Arrays.copyOf(good, good.length + 1));
            assertTampered(file + " differs");
            Files.delete(path);
            assertTampered(file + " is missing");
            Files.write(path, good);
        }
        verify();
    }

    @Test
    void a_file_that_is_not_named_is_refused() throws Exception {
        dist.file("core/10-a/z.jar", new byte[1]);
        assertTampered("core/10-a/z.jar is not in the manifest");
    }

    @Test
    void a_manifest_that_was_changed_is_refused_even_if_its_files_match() throws Exception {
        Path manifest = dist.dir.resolve(CoreManifest.FILE);
        Files.delete(dist.dir.resolve("core/10-a/a.jar"));
        try (Stream<String> lines = Files.lines(manifest)) {
            Files.writeString(
                    manifest,
                    String.join("\n", lines.filter(l -> !l.contains("a.jar")).toList()) + "\n");
        }
        assertTampered("does not match");
        // One whose signature was seen is not checked again: only that very one.
        assertThatThrownBy(() -> CoreManifest.verify(dist.dir, List.of("0".repeat(64))))
                .isInstanceOf(LaunchException.class);
    }

    @Test
    void the_digest_of_a_known_manifest_spares_the_signature_alone() throws Exception {
        String known = verify().sha256();
        Files.writeString(dist.dir.resolve(CoreManifest.SIGNATURE_FILE), "AAAA");
        assertTampered("signature");
        CoreManifest.verify(dist.dir, List.of("x", known)).bundles().await();
        dist.file("core/10-a/a.jar", new byte[4999]);
        assertThatThrownBy(() ->
                        CoreManifest.verify(dist.dir, List.of(known)).bundles().await())
                .hasMessageContaining("a.jar differs");
    }

    @Test
    void missing_large_and_malformed_manifests_are_refused_and_nothing_else_is_thrown() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        Path manifest = dist.dir.resolve(CoreManifest.FILE);
        byte[] good = Files.readAllBytes(manifest);
        for (int round = 0; round < 300; round++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            Files.write(manifest, round % 2 == 0 ? bad : java.util.Arrays.copyOf(bad, random.nextInt(bad.length)));
            if (!java.util.Arrays.equals(good, Files.readAllBytes(manifest))) {
                assertThatThrownBy(this::verify).as("seed %d", seed).isInstanceOf(LaunchException.class);
            }
        }
        Files.write(manifest, new byte[(1 << 20) + 1]);
        assertTampered("larger than");
        Files.delete(manifest);
        assertTampered(CoreManifest.FILE);
    }

    @Test
    void a_key_that_is_none_is_refused() throws Exception {
        Files.writeString(dist.dir.resolve(CoreManifest.KEY_FILE), "nonsense");
        assertTampered("cannot be checked");
    }
}
