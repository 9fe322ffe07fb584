package network.mycelium.component.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HeapGuardTest {
    private static final long MIB = 1 << 20;

    private final Heap heap = new Heap();
    private long nanos = 5;
    private final HeapGuard guard = new HeapGuard(heap, () -> nanos);

    private static final class Heap implements HeapGuard.Heap {
        volatile long live = 10 * MIB;
        volatile long garbage;
        final AtomicInteger collections = new AtomicInteger();

        @Override
        public long used() {
            return live + garbage;
        }

        @Override
        public long max() {
            return 100 * MIB;
        }

        @Override
        public void collect() {
            garbage = 0;
            collections.incrementAndGet();
        }
    }

    @Test
    void a_heap_with_room_is_no_trouble_and_costs_no_collection() {
        heap.garbage = 74 * MIB;
        assertThat(guard.trouble()).isEmpty();
        assertThat(heap.collections.get()).isZero();
    }

    @Test
    void garbage_is_no_trouble() {
        heap.garbage = 89 * MIB;
        assertThat(guard.trouble()).isEmpty();
        assertThat(heap.collections.get()).isEqualTo(1);
        assertThat(guard.hasReserve()).isTrue();
    }

    @Test
    void what_stays_after_a_collection_is() {
        heap.live = 90 * MIB;
        assertThat(guard.trouble()).contains("the heap has 90 of 100 MiB in use since it runs");
        assertThat(guard.hasReserve()).isFalse();
    }

    @Test
    void a_full_heap_is_collected_every_two_seconds_and_not_more() {
        heap.live = 90 * MIB;
        for (int i = 0; i < 100; i++) {
            guard.trouble();
            nanos += TimeUnit.MILLISECONDS.toNanos(100);
        }
        assertThat(heap.collections.get()).isEqualTo(5);
    }

    @Test
    void after_something_found_no_memory_it_looks_at_once() {
        heap.live = 90 * MIB;
        assertThat(guard.trouble()).isPresent();
        assertThat(guard.trouble()).isEmpty();
        guard.exhausted();
        assertThat(guard.hasReserve()).isFalse();
        assertThat(guard.trouble()).isPresent();
    }

    @Test
    void the_reserve_is_held_back_again_when_there_is_room() {
        guard.exhausted();
        heap.live = 70 * MIB;
        assertThat(guard.trouble()).isEmpty();
        assertThat(guard.hasReserve()).isFalse();
        heap.live = 40 * MIB;
        assertThat(guard.trouble()).isEmpty();
        assertThat(guard.hasReserve()).isTrue();
    }

    @Test
    void it_raises_the_alarm_by_itself() throws Exception {
        var alarm = new CountDownLatch(1);
        guard.watch(alarm::countDown);
        heap.live = 90 * MIB;
        assertThat(alarm.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(guard.trouble()).isPresent();
        guard.close();
    }

    @Test
    void what_is_over_is_no_trouble_any_more() throws Exception {
        var alarm = new CountDownLatch(1);
        guard.watch(alarm::countDown);
        heap.live = 90 * MIB;
        assertThat(alarm.await(10, TimeUnit.SECONDS)).isTrue();
        heap.live = 40 * MIB;
        assertThat(guard.trouble()).isEmpty();
        guard.close();
    }

    /// Fills the heap of its process in one step, and then wants to tell.
    static final class Filler {
        private Filler() {}

        public static void main(String[] arguments) throws InterruptedException {
            var guard = new HeapGuard();
            List<byte[]> kept = new ArrayList<>();
            try {
                while (true) {
                    kept.add(new byte[16 << 10]);
                }
            } catch (OutOfMemoryError e) {
                guard.exhausted();
            }
            List<byte[]> takes = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                takes.add(new byte[16 << 10]);
            }
            System.out.println(guard.trouble().orElse("nothing") + ", with room for " + takes.size());
            System.exit(kept.isEmpty() ? 1 : 0);
        }
    }

    @Test
    void a_heap_that_is_full_in_one_step_leaves_room_to_tell() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx32m",
                        "-Xmn4m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Filler.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(Duration.ofSeconds(60).toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
        assertThat(output).contains("the heap has").contains("with room for 60");
    }
}
