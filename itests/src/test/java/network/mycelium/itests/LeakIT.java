package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.mycelium.component.Change;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.wiring.BundleWiring;

/// Load and unload thousands of times: every class loader goes, heap and metaspace stay.
class LeakIT {
    private static final int WARM_UP = 700;

    @TempDir
    Path temp;

    @Test
    void nothing_is_left_after_many_load_cycles() throws Exception {
        int cycles = Seeds.rounds("cycles", 3000);
        try (var core = Core.start(temp.resolve("home"), Map.of("linger.millis", 3_600_000))) {
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>(cycles);
            for (int i = 0; i < WARM_UP; i++) {
                cycle(core, null);
            }
            var before = Histogram.take();
            long heap = heapAfterCollection();
            long metaspace = metaspace();
            for (int i = 0; i < cycles; i++) {
                cycle(core, loaders);
            }
            System.gc();
            long metaspaceGrowth = metaspace() - metaspace;
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                System.gc();
                assertThat(loaders.stream().filter(l -> l.get() != null).count())
                        .as("class loaders left")
                        .isZero();
            });
            loaders.clear();
            ((ArrayList<?>) loaders).trimToSize();
            long heapGrowth = heapAfterCollection() - heap;
            System.out.printf("%d cycles: heap %+d bytes, metaspace %+d bytes%n", cycles, heapGrowth, metaspaceGrowth);
            assertThat(heapGrowth)
                    .as(() -> "heap growth, by class: " + Histogram.take().growthSince(before))
                    .isLessThan(1 << 20);
            assertThat(metaspaceGrowth).as("metaspace growth").isLessThan(1 << 20);
        }
    }

    private static void cycle(Core core, List<WeakReference<ClassLoader>> loaders) throws Exception {
        core.load("greeter");
        if (loaders != null) {
            for (var bundle : core.context().getBundles()) {
                if (bundle.getLocation().startsWith("mycelium:")) {
                    loaders.add(
                            new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader()));
                }
            }
        }
        core.change(Change.Kind.UNLOAD, "greeter");
    }

    private static long heapAfterCollection() {
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long metaspace() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(p -> p.getName().equals("Metaspace"))
                .map(MemoryPoolMXBean::getUsage)
                .mapToLong(u -> u.getUsed())
                .findFirst()
                .orElseThrow();
    }
}
