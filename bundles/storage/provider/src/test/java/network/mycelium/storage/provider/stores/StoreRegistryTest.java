package network.mycelium.storage.provider.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import network.mycelium.storage.Blocks;
import network.mycelium.storage.Log;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.StorageFullException;
import network.mycelium.storage.StoreAdmin.Store;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who has which store, where it lies, and how it goes.
class StoreRegistryTest {
    @TempDir
    Path temp;

    private StoreRegistry registry;
    private BundleStores one;
    private BundleStores other;

    @BeforeEach
    void start() {
        registry = new StoreRegistry(temp);
        one = new BundleStores(registry, "network.one", "network.one 1.0.0");
        other = new BundleStores(registry, "network.other", "network.other 1.0.0");
    }

    @AfterEach
    void stop() {
        registry.deactivate();
    }

    private static byte[] first(Log log) {
        return log.read(1, 1).getFirst();
    }

    @Test
    void two_bundles_have_stores_of_the_same_name() {
        one.log("raft", Log.Options.DEFAULT).append(new byte[] {1});
        other.log("raft", Log.Options.DEFAULT).append(new byte[] {2});
        one.deactivate();
        other.deactivate();
        assertThat(first(one.log("raft", Log.Options.DEFAULT))).containsExactly(1);
        assertThat(first(other.log("raft", Log.Options.DEFAULT))).containsExactly(2);
        assertThat(temp.resolve("network.one/raft")).isDirectory();
        assertThat(temp.resolve("network.other/raft")).isDirectory();
    }

    @Test
    void a_store_closes_when_its_bundle_stops() {
        Log log = one.log("raft", Log.Options.DEFAULT);
        Blocks blocks = one.blocks("ipfs", Blocks.Options.DEFAULT);
        assertThat(one.log("raft", Log.Options.DEFAULT)).isSameAs(log);
        one.deactivate();
        assertThatThrownBy(() -> log.append(new byte[1])).hasMessageContaining("is closed");
        assertThatThrownBy(() -> blocks.put(new byte[1])).hasMessageContaining("are closed");
        assertThat(registry.stores()).hasSize(2).noneMatch(Store::open);
    }

    @Test
    void another_version_of_a_bundle_waits_until_the_first_is_done() {
        var next = new BundleStores(registry, "network.one", "network.one 2.0.0");
        one.log("raft", Log.Options.DEFAULT).append(new byte[] {1});
        assertThatThrownBy(() -> next.log("raft", Log.Options.DEFAULT))
                .hasMessageContaining("is open by network.one 1.0.0")
                .hasMessageContaining("free when that one stops");
        assertThat(next.close("raft")).isFalse();
        assertThatThrownBy(() -> next.remove("raft")).hasMessageContaining("is open by network.one 1.0.0");
        assertThat(one.close("raft")).isTrue();
        assertThat(first(next.log("raft", Log.Options.DEFAULT))).containsExactly(1);
    }

    @Test
    void a_name_that_would_leave_the_folder_is_refused() {
        for (String name : List.of("", "..", ".x", "a/b", "A", "a\u0000", "x".repeat(65))) {
            assertThatThrownBy(() -> one.log(name, Log.Options.DEFAULT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no name of a store");
        }
        assertThatThrownBy(() -> new StoreFolder(temp, "../x", "a")).hasMessageContaining("no symbolic name");
        assertThatThrownBy(() -> new Log.Options(1)).hasMessageContaining("at least 1 MiB");
        assertThatThrownBy(() -> new Blocks.Options(1)).hasMessageContaining("at least 1 MiB");
    }

    @Test
    void a_log_is_no_blocks() throws Exception {
        one.log("raft", Log.Options.DEFAULT);
        assertThatThrownBy(() -> one.blocks("raft", Blocks.Options.DEFAULT))
                .hasMessageContaining("holds log, not blocks");
        one.deactivate();
        Files.writeString(temp.resolve("network.one/raft/store"), "kind=\u0001\\uXX");
        assertThatThrownBy(() -> one.blocks("raft", Blocks.Options.DEFAULT))
                .hasMessageContaining("holds log, not blocks");
    }

    @Test
    void stores_are_listed_with_what_they_take_and_what_is_wrong() throws Exception {
        one.log("raft", new Log.Options(5 << 20)).append(new byte[1000]);
        Blocks blocks = other.blocks("ipfs", new Blocks.Options(7 << 20));
        byte[] key = blocks.put(new byte[3000]);
        blocks.sync();
        assertThat(registry.stores()).hasSize(2);
        Store log = registry.stores().getFirst();
        assertThat(log.bundle() + log.name() + log.kind()).isEqualTo("network.oneraftlog");
        assertThat(log.quota()).isEqualTo(5 << 20);
        assertThat(log.bytes()).isGreaterThan(1000);
        assertThat(log.entries()).isEqualTo(1);
        Store ipfs = registry.stores().getLast();
        assertThat(ipfs.entries()).isEqualTo(1);
        assertThat(ipfs.problems()).isEmpty();
        Path file;
        try (var files = Files.newDirectoryStream(temp.resolve("network.other/ipfs"), "*.blocks")) {
            file = files.iterator().next();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[2000] ^= 1;
        Files.write(file, bytes);
        assertThat(registry.scrub("network.other", "ipfs", () -> true))
                .singleElement()
                .asString()
                .contains(java.util.HexFormat.of().formatHex(key));
        assertThat(registry.stores().getLast().problems()).hasSize(1);
        assertThat(registry.scrub("network.one", "raft", () -> true)).isEmpty();
        assertThatThrownBy(() -> registry.scrub("network.one", "none", () -> true))
                .hasMessageContaining("no store none");
        one.deactivate();
        assertThatThrownBy(() -> registry.scrub("network.one", "raft", () -> true))
                .hasMessageContaining("is not open");
        assertThat(registry.stores().getFirst().entries()).isEqualTo(-1);
    }

    @Test
    void the_operators_quota_goes_before_the_bundles_and_survives() {
        Log log = one.log("raft", Log.Options.DEFAULT);
        registry.quota("network.one", "raft", 1 << 20);
        assertThat(log.quota()).isEqualTo(1 << 20);
        log.append(new byte[900_000]);
        assertThatThrownBy(() -> log.append(new byte[900_000])).isInstanceOf(StorageFullException.class);
        one.deactivate();
        registry = new StoreRegistry(temp);
        one = new BundleStores(registry, "network.one", "network.one 1.0.0");
        assertThat(one.log("raft", Log.Options.DEFAULT).quota()).isEqualTo(1 << 20);
        registry.quota("network.one", "raft", 0);
        one.log("raft", Log.Options.DEFAULT).append(new byte[900_000]);
        assertThatThrownBy(() -> registry.quota("network.one", "raft", 5)).hasMessageContaining("at least 1 MiB");
    }

    @Test
    void a_store_goes_with_its_files_when_asked_to_and_not_under_its_bundle() {
        one.log("raft", Log.Options.DEFAULT).append(new byte[1]);
        one.blocks("ipfs", Blocks.Options.DEFAULT).put(new byte[1]);
        assertThatThrownBy(() -> registry.remove("network.one", "raft")).hasMessageContaining("is open by network.one");
        assertThatThrownBy(() -> registry.removeAll("network.one")).isInstanceOf(StorageException.class);
        assertThat(one.remove("raft")).isTrue();
        assertThat(one.remove("raft")).isFalse();
        assertThat(one.log("raft", Log.Options.DEFAULT).next()).isEqualTo(1);
        one.deactivate();
        registry.remove("network.one", "raft");
        assertThat(registry.stores()).hasSize(1);
        assertThat(registry.removeAll("network.one")).isEqualTo(1);
        assertThat(registry.removeAll("network.one")).isZero();
        assertThat(temp.resolve("network.one")).doesNotExist();
        assertThat(registry.stores()).isEmpty();
    }

    @Test
    void what_a_crash_left_of_a_removal_goes_at_the_next_start() throws Exception {
        one.log("raft", Log.Options.DEFAULT).append(new byte[1]);
        one.deactivate();
        Files.move(temp.resolve("network.one/raft"), temp.resolve("network.one/.removed-raft"));
        assertThat(registry.stores()).isEmpty();
        var next = new StoreRegistry(temp);
        var stores = new BundleStores(next, "network.one", "network.one 1.0.0");
        assertThat(stores.log("raft", Log.Options.DEFAULT).next()).isEqualTo(1);
        assertThat(temp.resolve("network.one/.removed-raft")).doesNotExist();
        next.deactivate();
    }

    @Test
    void nothing_is_touched_before_somebody_asks() {
        Path root = temp.resolve("none/yet");
        assertThat(new StoreRegistry(root).stores()).isEmpty();
        assertThat(root).doesNotExist();
    }

    @Test
    void a_folder_that_cannot_be_written_is_told() throws Exception {
        Files.createDirectories(temp.resolve("network.one"));
        Files.writeString(temp.resolve("network.one/raft"), "in the way");
        assertThatThrownBy(() -> one.log("raft", Log.Options.DEFAULT))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("The store raft of network.one cannot be opened")
                .hasMessageContaining("Look after the files");
    }
}
