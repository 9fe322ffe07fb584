package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import network.mycelium.repository.RepositoryException;
import org.junit.jupiter.api.Test;

class BundleInspectorTest {
    private static final byte[] MANIFEST =
            "Manifest-Version: 1.0\nBundle-ManifestVersion: 2\nBundle-SymbolicName: a\nBundle-Version: 1\n"
                    .getBytes(StandardCharsets.UTF_8);

    private static byte[] zip(String name, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
            zip.write(MANIFEST);
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void reads_the_headers_of_a_bundle() throws Exception {
        assertThat(BundleInspector.inspect("a", new ByteArrayInputStream(zip("x", new byte[1])))
                        .get("Bundle-SymbolicName"))
                .isEqualTo("a");
    }

    @Test
    void refuses_climbing_and_absolute_paths() throws Exception {
        for (String path : new String[] {"../x", "a/../../x", "/etc/x", "a\\..\\x"}) {
            byte[] bytes = zip(path, new byte[1]);
            assertThatThrownBy(() -> BundleInspector.inspect("a", new ByteArrayInputStream(bytes)))
                    .as(path)
                    .hasMessageContaining("path");
        }
    }

    @Test
    void refuses_a_bomb() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("zeros"));
            byte[] block = new byte[1 << 20];
            for (int i = 0; i <= IndexLimits.UNPACKED_BYTES >> 20; i++) {
                zip.write(block);
            }
        }
        assertThat(bytes.size()).isLessThan(2 << 20);
        assertThatThrownBy(() -> BundleInspector.inspect("a", new ByteArrayInputStream(bytes.toByteArray())))
                .hasMessageContaining("unpacks to more than");
    }

    @Test
    void mutated_archives_are_read_or_refused_but_never_break_anything() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        byte[] good = zip("dir/file", new byte[500]);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(6); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                var headers = BundleInspector.inspect("a", new ByteArrayInputStream(bytes));
                BundleInspector.resource("a", headers);
            } catch (RepositoryException e) {
                assertThat(e.kind()).as("seed %d, round %d", seed, i).isEqualTo(RepositoryException.Kind.INVALID);
            }
        }
    }
}
