package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a power cut, or a bad disk, leaves of the documents.
class DocumentFileTest {
    private static final int MAX = 1_000;

    @TempDir
    Path temp;

    private Path path() {
        return temp.resolve("documents");
    }

    private DocumentFile file() {
        return new DocumentFile(path(), MAX);
    }

    private static List<byte[]> documents(int count) {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] document = new byte[10 + i];
            Arrays.fill(document, (byte) i);
            all.add(document);
        }
        return all;
    }

    @Test
    void cut_anywhere_it_gives_the_whole_ones_before_and_takes_more() throws IOException {
        List<byte[]> all = documents(3);
        file().append(all);
        byte[] bytes = Files.readAllBytes(path());
        int last = 8 + all.get(2).length;
        for (int size = bytes.length - last; size < bytes.length; size++) {
            Files.write(path(), Arrays.copyOf(bytes, size));
            DocumentFile file = file();
            assertThat(file.read()).as("cut to %d", size).containsExactly(all.get(0), all.get(1));
            file.append(all.get(2));
            assertThat(file().read()).containsExactlyElementsOf(all);
        }
    }

    @Test
    void on_a_full_disk_it_refuses_what_has_no_room_and_takes_what_comes_later() throws Exception {
        Path disk = Files.createDirectories(temp.resolve("disk"));
        assumeTrue(
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString())
                                .start()
                                .waitFor()
                        == 0,
                "a small disk can only be mounted by root on Linux");
        try {
            Path path = disk.resolve("documents");
            var file = new DocumentFile(path, 50_000);
            List<byte[]> all = documents(3);
            file.append(all);
            assertThatThrownBy(() -> file.append(List.of(new byte[40_000], new byte[40_000])))
                    .isInstanceOf(IOException.class);
            assertThat(new DocumentFile(path, 50_000).read()).containsExactlyElementsOf(all);
            file.append(all.getFirst());
            assertThat(new DocumentFile(path, 50_000).read())
                    .containsExactly(all.get(0), all.get(1), all.get(2), all.get(0));
        } finally {
            new ProcessBuilder("umount", "-l", disk.toString()).start().waitFor();
        }
    }

    @Test
    void a_damaged_document_takes_no_other_with_it() throws IOException {
        List<byte[]> all = documents(3);
        file().append(all);
        byte[] bytes = Files.readAllBytes(path());
        bytes[8 + all.get(0).length + 8 + 3] ^= 1;
        Files.write(path(), bytes);
        assertThat(file().read()).containsExactly(all.get(0), all.get(2));
        assertThat(file().read()).containsExactly(all.get(0), all.get(2));
    }

    @Test
    void whatever_lies_there_stops_nobody() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("replay with -Dseed=" + seed);
        var random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[random.nextInt(500)];
            random.nextBytes(bytes);
            Files.write(path(), bytes);
            DocumentFile file = file();
            file.read();
            byte[] document = {1, 2, 3};
            file.append(document);
            assertThat(file().read()).as("seed %d", seed).contains(document);
        }
    }
}
