package network.mycelium.storage.provider.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.storage.DamagedException;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.StorageFullException;

/// Makes one write of what many threads append at the same time. While one of them writes, the others put theirs
/// together; then one of these writes it all. There is no thread of its own.
final class GroupCommit {
    /// Who would make a batch larger waits for the one before.
    private static final int MAX_BATCH = 1 << 20;

    /// Writes records and gives the index of the first of them, or throws and has written none.
    interface Writer {
        long write(List<byte[]> records);
    }

    private static final class Batch {
        final List<byte[]> records = new ArrayList<>();
        long bytes;
        long first;
        RuntimeException failure;
        boolean done;
    }

    private final Writer writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Batch gathering = new Batch();
    private boolean busy;
    /// How often somebody was done.
    private long turns;

    GroupCommit(Writer writer) {
        this.writer = writer;
    }

    long append(List<byte[]> records) {
        long bytes = records.stream().mapToLong(r -> r.length).sum();
        lock.lock();
        try {
            while (!gathering.records.isEmpty() && gathering.bytes + bytes > MAX_BATCH) {
                proceed();
            }
            Batch batch = gathering;
            int place = batch.records.size();
            batch.records.addAll(records);
            batch.bytes += bytes;
            while (!batch.done) {
                proceed();
            }
            if (batch.failure != null) {
                throw copy(batch.failure);
            }
            return batch.first + place;
        } finally {
            lock.unlock();
        }
    }

    /// Each caller gets an exception with its own stack.
    private static RuntimeException copy(RuntimeException failure) {
        if (failure instanceof StorageFullException) {
            return new StorageFullException(failure.getMessage(), failure);
        }
        if (failure instanceof DamagedException) {
            return new DamagedException(failure.getMessage(), failure);
        }
        return new StorageException(failure.getMessage(), failure);
    }

    /// Writes what was gathered, or waits for who writes.
    private void proceed() {
        if (busy) {
            long seen = turns;
            while (busy && turns == seen) {
                changed.awaitUninterruptibly();
            }
            return;
        }
        Batch batch = gathering;
        gathering = new Batch();
        busy = true;
        lock.unlock();
        try {
            batch.first = writer.write(batch.records);
        } catch (RuntimeException e) {
            batch.failure = e;
        } finally {
            lock.lock();
            batch.done = true;
            finished();
        }
    }

    /// With the lock.
    private void finished() {
        busy = false;
        turns++;
        changed.signalAll();
    }

    /// Runs something while nobody writes.
    void alone(Runnable work) {
        lock.lock();
        try {
            while (busy) {
                changed.awaitUninterruptibly();
            }
            busy = true;
        } finally {
            lock.unlock();
        }
        try {
            work.run();
        } finally {
            end();
        }
    }

    private void end() {
        lock.lock();
        try {
            finished();
        } finally {
            lock.unlock();
        }
    }
}
