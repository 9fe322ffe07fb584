package network.mycelium.bench.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import network.mycelium.bench.Metric;
import network.mycelium.storage.provider.blocks.BlockStore;
import network.mycelium.storage.provider.disk.FolderDisk;
import network.mycelium.storage.provider.log.SegmentedLog;

/// Log and blocks beside plain files: `write` and `FileChannel.force` of the same bytes on the same disk, in
/// turns.
public final class StorageBench {
    private static final String PLAIN = "PLAIN";
    private static final int RUNS = Integer.getInteger("runs", 5);
    private static final int APPENDS = 500;
    private static final int WRITERS = 16;
    private static final int EACH = 2_000;
    private static final int PAGE = 4 << 10;
    private static final int LARGE = 256 << 10;
    private static final int BLOCKS = 100_000;
    private static final int MANY = Integer.getInteger("many", 1_000_000);
    private static final long QUOTA = 16L << 30;

    private final Path work;
    private final Random random = new Random(1);
    private final Map<String, Metric> metrics = new LinkedHashMap<>();

    private StorageBench(Path work) {
        this.work = work;
    }

    /// @param args a folder on the disk to measure, `--json` or nothing
    public static void main(String[] args) throws Exception {
        Path work = Files.createTempDirectory(Path.of(args[0]), "bench-storage");
        try {
            var bench = new StorageBench(work);
            // The first run of each warms up and is not counted.
            for (int run = -1; run < RUNS; run++) {
                bench.append(run >= 0);
                bench.writers(run >= 0);
                bench.blocks("100,000 blocks of 4 KiB", BLOCKS, PAGE, run >= 0);
                bench.blocks("1,600 blocks of 256 KiB", 1_600, LARGE, run >= 0);
            }
            bench.open();
            Metric.print(bench.metrics.values(), args.length > 1 && args[1].equals("--json"));
        } finally {
            erase(work);
        }
    }

    private static void erase(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }

    private Metric metric(String name, String unit) {
        return metrics.computeIfAbsent(name, n -> new Metric(n, unit));
    }

    private static double micros(long nanos) {
        return nanos / 1e3;
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    private SegmentedLog log(Path folder) throws IOException {
        return SegmentedLog.open(FolderDisk.at(folder), QUOTA, random::nextLong);
    }

    /// One writer: a record of 4 KiB, on the disk before the next one. Medians of single appends.
    private void append(boolean counts) throws IOException {
        byte[] record = new byte[PAGE];
        random.nextBytes(record);
        Path file = work.resolve("plain");
        List<Double> plain = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var log = log(work.resolve("log"))) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(PAGE).put(record);
            for (int i = 0; i < APPENDS; i++) {
                long start = System.nanoTime();
                channel.write(buffer.flip());
                channel.force(false);
                long middle = System.nanoTime();
                log.append(record);
                ours.add(micros(System.nanoTime() - middle));
                plain.add(micros(middle - start));
            }
        }
        if (counts) {
            metric("append and sync 4 KiB", "µs").ours(median(ours));
            metric("append and sync 4 KiB", "µs").peer(PLAIN, median(plain));
        }
        Files.delete(file);
        erase(work.resolve("log"));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /// Each waits until its record is on the disk. Beside it as many that take turns at one plain file.
    private void writers(boolean counts) throws Exception {
        byte[] record = new byte[100];
        double ours;
        try (var log = log(work.resolve("log"))) {
            ours = rate(EACH, () -> log.append(record));
        }
        Path file = work.resolve("plain");
        double plain;
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            plain = rate(EACH / 40, () -> {
                synchronized (channel) {
                    channel.write(ByteBuffer.wrap(record));
                    channel.force(false);
                }
            });
        }
        if (counts) {
            metric("appends of 16 writers, 100 B", "/s").ours(ours);
            metric("appends of 16 writers, 100 B", "/s").peer(PLAIN, plain);
        }
        Files.delete(file);
        erase(work.resolve("log"));
    }

    private interface Work {
        void run() throws IOException;
    }

    private static double rate(int each, Work append) throws InterruptedException {
        var done = new CountDownLatch(WRITERS);
        long start = System.nanoTime();
        for (int w = 0; w < WRITERS; w++) {
            Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < each; i++) {
                        append.run();
                    }
                    done.countDown();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }
        done.await();
        return WRITERS * (double) each / ((System.nanoTime() - start) / 1e9);
    }

    /// Two threads put, hashing included; beside it one that writes the same bytes to a file. Both end with a
    /// sync.
    private void blocks(String name, int count, int size, boolean counts) throws Exception {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        Path file = work.resolve("plain");
        long start = System.nanoTime();
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(size);
            for (int i = 0; i < count; i++) {
                buffer.clear().put(bytes).putLong(0, i).flip();
                channel.write(buffer);
            }
            channel.force(false);
        }
        double plain = millis(System.nanoTime() - start);
        Files.delete(file);
        start = System.nanoTime();
        try (var blocks = store(work.resolve("blocks"))) {
            put(blocks, bytes, count, 2);
            blocks.sync();
            double ours = millis(System.nanoTime() - start);
            if (counts) {
                metric(name, "ms").ours(ours);
                metric(name, "ms").peer(PLAIN, plain);
            }
        }
        erase(work.resolve("blocks"));
    }

    private BlockStore store(Path folder) throws IOException {
        return BlockStore.open(FolderDisk.at(folder), folder.resolve("index"), QUOTA, random::nextLong);
    }

    private static void put(BlockStore blocks, byte[] bytes, int count, int threads) throws InterruptedException {
        var done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            int first = t;
            Thread.ofPlatform().start(() -> {
                byte[] block = bytes.clone();
                for (int i = first; i < count; i += threads) {
                    ByteBuffer.wrap(block).putLong(i);
                    blocks.put(block);
                }
                done.countDown();
            });
        }
        done.await();
    }

    /// With as many blocks: to open the store and find one.
    private void open() throws Exception {
        Path folder = work.resolve("blocks");
        byte[] bytes = new byte[1 << 10];
        try (var blocks = store(folder)) {
            put(blocks, bytes, MANY, 2);
        }
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            BlockStore blocks = store(folder);
            if (blocks.get(blocks.put(bytes)).isEmpty()) {
                throw new IllegalStateException("a block is not there");
            }
            metric("open 1,000,000 blocks, find one", "ms").ours(millis(System.nanoTime() - start));
            blocks.close();
        }
        Files.delete(folder.resolve("index"));
        long start = System.nanoTime();
        store(folder).close();
        metric("the same, the index made anew", "ms").ours(millis(System.nanoTime() - start));
    }
}
