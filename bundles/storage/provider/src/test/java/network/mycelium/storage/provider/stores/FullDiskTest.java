package network.mycelium.storage.provider.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import network.mycelium.storage.Blocks;
import network.mycelium.storage.Log;
import network.mycelium.storage.StorageFullException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real file system of eight megabytes that is full: what was acknowledged stays, and all goes on when there is
/// room.
class FullDiskTest {
    @TempDir
    Path temp;

    private Path disk;
    private StoreRegistry registry;
    private BundleStores stores;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectories(temp.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()),
                "no small file system can be mounted here: a full disk is not tested");
        open();
    }

    @AfterEach
    void unmount() throws Exception {
        if (registry != null) {
            registry.deactivate();
            run("umount", disk.toString());
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void open() {
        registry = new StoreRegistry(disk.resolve("stores"));
        stores = new BundleStores(registry, "a.bundle", "a.bundle 1.0.0");
    }

    private static byte[] bytes(long number) {
        byte[] bytes = new byte[20_000];
        new Random(number).nextBytes(bytes);
        return bytes;
    }

    private static long fill(Log log) {
        long last = log.next() - 1;
        while (true) {
            try {
                last = log.append(bytes(log.next()));
            } catch (StorageFullException e) {
                assertThat(e).hasMessageContaining("the disk is full").hasMessageContaining("make room and try again");
                return last;
            }
        }
    }

    @Test
    void a_log_keeps_what_it_acknowledged_and_goes_on() throws Exception {
        Path ballast = Files.write(disk.resolve("ballast"), new byte[2_000_000]);
        Log log = stores.log("log", new Log.Options(32 << 20));
        long last = fill(log);
        assertThat(last).isGreaterThan(100);
        assertThatThrownBy(() -> log.append(bytes(0))).isInstanceOf(StorageFullException.class);
        Files.delete(ballast);
        assertThat(log.append(bytes(last + 1))).isEqualTo(last + 1);
        long more = fill(log);
        assertThat(more).isGreaterThan(last + 20);
        registry.deactivate();
        open();
        Log again = stores.log("log", new Log.Options(32 << 20));
        assertThat(again.next()).isEqualTo(more + 1);
        for (long i = 1; i <= more; i++) {
            assertThat(again.read(i, 1).getFirst()).isEqualTo(bytes(i));
        }
        again.truncateBefore(more - 3);
        assertThat(again.append(bytes(more + 1))).isEqualTo(more + 1);
    }

    @Test
    void blocks_keep_what_was_put_and_go_on() throws Exception {
        Path ballast = Files.write(disk.resolve("ballast"), new byte[2_000_000]);
        Blocks blocks = stores.blocks("blocks", Blocks.Options.DEFAULT);
        List<byte[]> keys = new ArrayList<>();
        assertThatThrownBy(() -> {
                    while (true) {
                        keys.add(blocks.put(bytes(keys.size())));
                    }
                })
                .isInstanceOf(StorageFullException.class)
                .hasMessageContaining("the disk is full");
        assertThat(keys).hasSizeGreaterThan(100);
        Files.delete(ballast);
        for (int i = 0; i < 20; i++) {
            keys.add(blocks.put(bytes(keys.size())));
        }
        blocks.sync();
        registry.deactivate();
        open();
        Blocks again = stores.blocks("blocks", Blocks.Options.DEFAULT);
        assertThat(again.count()).isEqualTo(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            assertThat(again.get(keys.get(i)).orElseThrow()).isEqualTo(bytes(i));
        }
    }
}
