package network.mycelium.storage;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.osgi.annotation.versioning.ProviderType;

/// Blocks of bytes, each found by its multihash: code of the hash function and length of the digest as varints,
/// then the digest (multiformats/multihash). It knows no links between blocks.
///
/// What [#sync()] or a pin has returned for survives a power cut; a block put later may be lost, whole. A block
/// that is damaged is never given: it is set aside, see [#quarantined()], until it is put again.
///
/// Threading: safe from any thread. Each call blocks for the disk; an interrupt ends none of them and stays set.
@ProviderType
public interface Blocks {
    /// The largest block, in bytes.
    int MAX_BLOCK = 4 << 20;

    /// The longest multihash, in bytes.
    int MAX_KEY = 130;

    /// How blocks are opened.
    ///
    /// @param quota the bytes that the blocks may take on the disk; an operator's own quota goes before it
    record Options(long quota) {
        public static final Options DEFAULT = new Options(10L << 30);

        public Options {
            if (quota < 1 << 20) {
                throw new IllegalArgumentException("the quota of blocks is at least 1 MiB, not " + quota + " bytes");
            }
        }
    }

    /// Keeps a block under its SHA-256.
    ///
    /// @return its multihash
    /// @throws StorageFullException at the quota or with a full disk
    byte[] put(byte[] block);

    /// Keeps a block. Where Java knows the hash function (SHA-1, SHA-2, SHA-3, identity) the block is checked; for
    /// another one the caller answers for it.
    ///
    /// @return whether it was not there
    /// @throws IllegalArgumentException if the block does not have this hash, or this is no multihash
    /// @throws StorageFullException at the quota or with a full disk
    boolean put(byte[] multihash, byte[] block);

    /// What was put before is on the disk when this returns.
    void sync();

    boolean has(byte[] multihash);

    /// The size of a block, if it is here.
    Optional<Integer> size(byte[] multihash);

    /// A block, if it is here.
    ///
    /// @throws DamagedException if it is not what it was; it is in quarantine from now on
    Optional<byte[]> get(byte[] multihash);

    /// Drops blocks; which ones is on the disk when this returns. Space is given back by [#compact()], by itself
    /// when a quarter of all is garbage.
    ///
    /// @return how many there were
    /// @throws IllegalStateException if one of them is pinned; none was dropped
    int remove(Collection<byte[]> multihashes);

    /// Shows the multihash of each block, until told to stop. What is put or dropped meanwhile may be shown or
    /// not.
    ///
    /// @param visitor gives whether to go on
    void forEach(Predicate<byte[]> visitor);

    /// Keeps a block from being removed, also one that is not here yet. The pin, and all that was put before, is
    /// on the disk when this returns.
    void pin(byte[] multihash);

    /// @return whether it was pinned
    boolean unpin(byte[] multihash);

    boolean pinned(byte[] multihash);

    /// Shows each pinned multihash, until told to stop.
    void forEachPin(Predicate<byte[]> visitor);

    /// Reads and checks every block. Damaged ones go into quarantine.
    ///
    /// @param goOn is asked before each block
    Scrub scrub(Predicate<Scrub> goOn);

    /// What a scrub has found so far.
    ///
    /// @param blocks looked at
    /// @param bytes of them
    /// @param damaged multihashes of those that are now in quarantine
    record Scrub(long blocks, long bytes, List<byte[]> damaged) {}

    /// The multihashes of blocks that were damaged and are not given any more, until they are put again or
    /// removed.
    List<byte[]> quarantined();

    /// What is damaged and is no block by itself, in words for people: pins and removals that may be forgotten.
    List<String> problems();

    /// Gives the space of dropped blocks back, as far as it is worth copying those beside them.
    ///
    /// @return the bytes given back
    long compact();

    /// How many blocks there are.
    long count();

    /// The bytes that they take on the disk, with what is not given back yet.
    long bytes();

    /// The bytes that they may take.
    long quota();
}
