package network.mycelium.storage;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/// A log of records on the disk, for what must survive before it is acknowledged: a record has an index, the next
/// one is one more. Records are added at the end, read from any index, and dropped from either end.
///
/// After a crash or a power cut all that was acknowledged is there; what was being written may be there as far as
/// it went, without a gap. Records that are damaged are never passed over: see [#damage()] and [#read].
///
/// Threading: safe from any thread. Threads that append at the same time share one sync. Each call blocks for the
/// disk; an interrupt ends none of them and stays set.
@ProviderType
public interface Log {
    /// The largest record, and the most that one [#append(List)] takes, in bytes.
    int MAX_APPEND = 16 << 20;

    /// How a log is opened.
    ///
    /// @param quota the bytes that its files may take; an operator's own quota goes before it
    record Options(long quota) {
        public static final Options DEFAULT = new Options(1L << 30);

        public Options {
            if (quota < 1 << 20) {
                throw new IllegalArgumentException("the quota of a log is at least 1 MiB, not " + quota + " bytes");
            }
        }
    }

    /// Index of the first record that is kept, or of the next one if none is. A new log begins with 1.
    long first();

    /// Index that the next record gets.
    long next();

    /// Adds one record; it is on the disk when this returns.
    ///
    /// @return its index
    /// @throws StorageFullException at the quota or with a full disk; nothing was added
    /// @throws StorageException if the disk failed, or the end of the log is damaged; the message says what to do
    long append(byte[] record);

    /// Adds records one after the other with one sync; all are on the disk when this returns. Where power is cut
    /// before, the first of them may be there without the others.
    ///
    /// @param records at least one; they must not be changed before this returns
    /// @return the index of the first of them
    /// @throws StorageException as for one record; none was added
    long append(List<byte[]> records);

    /// The records from an index on, without a gap, until they have so many bytes together: at least one if there
    /// is one, none at [#next()]. What is read is on the disk. Records before a damaged one are given, that one
    /// and those behind it are not: whoever wants these asks for them by their index.
    ///
    /// @throws DamagedException if the record at this index is damaged
    /// @throws IndexOutOfBoundsException before [#first()] or beyond [#next()]
    List<byte[]> read(long from, int bytes);

    /// Drops the records before an index, which becomes [#first()]. Beyond the end it empties the log and goes on
    /// from there, as after a snapshot from elsewhere. It is on the disk when this returns; the space is free as
    /// far as whole files can go.
    ///
    /// @throws StorageException if the disk failed: records before the index may be gone, those from it on are
    ///     there
    void truncateBefore(long index);

    /// Drops the record at an index and all after it; the next one gets this index. It is on the disk when this
    /// returns. It is also how to give up a damaged end.
    ///
    /// @throws StorageException if the disk failed: a part of those from the index on may be gone, from the end
    /// @throws IndexOutOfBoundsException before [#first()] or beyond [#next()]
    void truncateFrom(long index);

    /// The damage that was met so far: the newest file is looked through when the log is opened, another one when
    /// something of it is read first.
    List<Damage> damage();

    /// Reads all, and tells the damage that there is.
    List<Damage> scrub();

    /// Records that cannot be read.
    ///
    /// @param first index of the first
    /// @param last index of the last, as far as is known
    /// @param what file, bytes and kind of damage, for people
    record Damage(long first, long last, String what) {}

    /// The bytes that the files take.
    long bytes();

    /// The bytes that they may take.
    long quota();
}
