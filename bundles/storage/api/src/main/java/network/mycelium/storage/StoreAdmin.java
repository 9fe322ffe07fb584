package network.mycelium.storage;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.osgi.annotation.versioning.ProviderType;

/// All stores of a node, for its operator and for who removes components with their data.
///
/// Threading: safe from any thread; the calls block for the disk.
@ProviderType
public interface StoreAdmin {
    /// What there is, also of bundles that do not run, in the order of bundle and name.
    List<Store> stores();

    /// A store.
    ///
    /// @param bundle symbolic name
    /// @param kind `log` or `blocks`
    /// @param bytes on the disk
    /// @param quota in bytes; 0 if it was never opened with one
    /// @param open whether its bundle has it open
    /// @param entries records or blocks; -1 while it is not open
    /// @param problems what is damaged, as far as is known, in words for people; empty if all is well
    record Store(
            String bundle,
            String name,
            String kind,
            long bytes,
            long quota,
            boolean open,
            long entries,
            List<String> problems) {}

    /// Sets the quota, also of a store that is open. It goes before that of the bundle, and survives restarts.
    ///
    /// @param bytes at least 1 MiB; 0 gives it back to the bundle, from the next opening on
    /// @throws StorageException if there is no such store, or it cannot be written
    void quota(String bundle, String name, long bytes);

    /// Reads all of a store and checks it.
    ///
    /// @param goOn is asked now and then
    /// @return what is damaged, in words for people
    /// @throws StorageException if there is no such store, or it is not open
    List<String> scrub(String bundle, String name, BooleanSupplier goOn);

    /// Gives the space of what was dropped back.
    ///
    /// @return the bytes given back
    /// @throws StorageException if there is no such store, or it is not open
    long compact(String bundle, String name);

    /// Removes a store with its files, for good.
    ///
    /// @throws StorageException if there is no such store, its bundle has it open, or files could not be removed
    void remove(String bundle, String name);

    /// Removes all stores of a bundle, as when its component is removed with its data.
    ///
    /// @return how many there were
    /// @throws StorageException if one of them is open, or files could not be removed
    int removeAll(String bundle);
}
