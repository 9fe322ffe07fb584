package network.mycelium.storage.provider.stores;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import network.mycelium.storage.Blocks;
import network.mycelium.storage.Log;
import network.mycelium.storage.provider.blocks.BlockStore;
import network.mycelium.storage.provider.disk.FolderDisk;
import network.mycelium.storage.provider.log.SegmentedLog;

/// A store that is open, of either kind.
sealed interface OpenStore {
    void close();

    long bytes();

    void quota(long bytes);

    long quota();

    long entries();

    List<String> problems();

    List<String> scrub(BooleanSupplier goOn);

    long compact();

    static OpenStore log(StoreFolder folder, long quota, LongSupplier salts) throws IOException {
        return new OfRecords(SegmentedLog.open(FolderDisk.at(folder.path()), quota, salts));
    }

    static OpenStore blocks(StoreFolder folder, long quota, LongSupplier salts) throws IOException {
        return new OfBlocks(
                BlockStore.open(FolderDisk.at(folder.path()), folder.path().resolve("index"), quota, salts));
    }

    /// A log.
    record OfRecords(SegmentedLog log) implements OpenStore {
        @Override
        public void close() {
            log.close();
        }

        @Override
        public long bytes() {
            return log.bytes();
        }

        @Override
        public void quota(long bytes) {
            log.quota(bytes);
        }

        @Override
        public long quota() {
            return log.quota();
        }

        @Override
        public long entries() {
            return log.next() - log.first();
        }

        private static List<String> words(List<Log.Damage> damage) {
            return damage.stream()
                    .map(d -> "records %,d to %,d are damaged: %s".formatted(d.first(), d.last(), d.what()))
                    .toList();
        }

        @Override
        public List<String> problems() {
            return words(log.damage());
        }

        @Override
        public List<String> scrub(BooleanSupplier goOn) {
            return words(log.scrub());
        }

        @Override
        public long compact() {
            return 0;
        }
    }

    /// Blocks.
    record OfBlocks(BlockStore blocks) implements OpenStore {
        @Override
        public void close() {
            blocks.close();
        }

        @Override
        public long bytes() {
            return blocks.bytesOnDisk();
        }

        @Override
        public void quota(long bytes) {
            blocks.quota(bytes);
        }

        @Override
        public long quota() {
            return blocks.quota();
        }

        @Override
        public long entries() {
            return blocks.count();
        }

        @Override
        public List<String> problems() {
            List<String> problems = new ArrayList<>(blocks.problems());
            problems.addAll(quarantined(blocks));
            return problems;
        }

        private static List<String> quarantined(Blocks blocks) {
            return blocks.quarantined().stream()
                    .map(key -> "block %s is damaged, and in quarantine"
                            .formatted(java.util.HexFormat.of().formatHex(key)))
                    .toList();
        }

        @Override
        public List<String> scrub(BooleanSupplier goOn) {
            blocks.scrub(so -> goOn.getAsBoolean());
            return problems();
        }

        @Override
        public long compact() {
            return blocks.compact();
        }
    }
}
