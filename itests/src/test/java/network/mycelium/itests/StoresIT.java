package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.storage.Blocks;
import network.mycelium.storage.Log;
import network.mycelium.storage.StoreAdmin;
import network.mycelium.storage.StoreAdmin.Store;
import network.mycelium.storage.Stores;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/// Logs and blocks by the bundles of the distribution: each bundle has its own, as long as it runs.
class StoresIT {
    @TempDir
    static Path temp;

    private static Core core;

    @BeforeAll
    static void boot() throws Exception {
        core = Core.start(temp.resolve("home"));
    }

    @AfterAll
    static void stop() throws Exception {
        core.close();
    }

    private static Bundle bundle(String name) throws Exception {
        Path jar = TestBundle.named(name, "1.0.0").write(temp.resolve("jars"));
        Bundle bundle = core.context().installBundle("reference:" + jar.toUri());
        bundle.start();
        return bundle;
    }

    private static Stores stores(Bundle bundle) {
        BundleContext context = bundle.getBundleContext();
        return context.getService(context.getServiceReference(Stores.class));
    }

    @Test
    void nothing_is_on_the_disk_before_a_bundle_opens_a_store() {
        assertThat(Files.exists(temp.resolve("home/data/stores/no.such"))).isFalse();
    }

    @Test
    void each_bundle_has_stores_of_its_own_that_close_with_it() throws Exception {
        Bundle one = bundle("stores.one");
        Bundle other = bundle("stores.other");
        Log log = stores(one).log("log", Log.Options.DEFAULT);
        Blocks blocks = stores(one).blocks("blocks", Blocks.Options.DEFAULT);
        assertThat(log.append("one".getBytes(StandardCharsets.UTF_8))).isEqualTo(1);
        byte[] key = blocks.put("block".getBytes(StandardCharsets.UTF_8));
        stores(other).log("log", Log.Options.DEFAULT).append("other".getBytes(StandardCharsets.UTF_8));
        assertThat(temp.resolve("home/data/stores/stores.one/log")).isDirectory();
        assertThat(temp.resolve("home/data/stores/stores.other/log")).isDirectory();

        one.stop();
        assertThatThrownBy(() -> log.append(new byte[1])).hasMessageContaining("is closed");
        assertThatThrownBy(() -> blocks.get(key)).hasMessageContaining("are closed");

        one.start();
        assertThat(stores(one).log("log", Log.Options.DEFAULT).read(1, 1))
                .containsExactly("one".getBytes(StandardCharsets.UTF_8));
        assertThat(stores(one).blocks("blocks", Blocks.Options.DEFAULT).get(key))
                .hasValueSatisfying(b -> assertThat(b).asString().isEqualTo("block"));
        one.uninstall();
        other.uninstall();
    }

    @Test
    void an_operator_sees_limits_scrubs_and_removes_them() throws Exception {
        Bundle bundle = bundle("stores.operated");
        Blocks blocks = stores(bundle).blocks("blocks", Blocks.Options.DEFAULT);
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            keys.add(blocks.put(new byte[i]));
        }
        var admin = core.service(StoreAdmin.class);
        Store store = store(admin);
        assertThat(store.entries()).isEqualTo(20);
        assertThat(store.open()).isTrue();
        assertThat(store.quota()).isEqualTo(Blocks.Options.DEFAULT.quota());
        admin.quota("stores.operated", "blocks", 5 << 20);
        assertThat(blocks.quota()).isEqualTo(5 << 20);
        assertThat(admin.scrub("stores.operated", "blocks", () -> true)).isEmpty();
        blocks.remove(keys);
        assertThat(admin.compact("stores.operated", "blocks")).isPositive();
        assertThatThrownBy(() -> admin.remove("stores.operated", "blocks"))
                .hasMessageContaining("is open by stores.operated 1.0.0");
        bundle.uninstall();
        admin.remove("stores.operated", "blocks");
        assertThat(temp.resolve("home/data/stores/stores.operated")).doesNotExist();
    }

    private static Store store(StoreAdmin admin) {
        return admin.stores().stream()
                .filter(s -> s.bundle().equals("stores.operated"))
                .findFirst()
                .orElseThrow();
    }
}
