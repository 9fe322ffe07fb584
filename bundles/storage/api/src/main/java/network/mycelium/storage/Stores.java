package network.mycelium.storage;

import org.osgi.annotation.versioning.ProviderType;

/// Opens the logs and blocks of the bundle that has this service: each bundle gets a service object of its own,
/// and its stores lie in a folder of its own, by its symbolic name. So two bundles may use the same name.
///
/// A store stays open until it is [closed][#close] or its bundle gives the service back, as every bundle does when
/// it stops. Opened again while open, it is the same object. The object of a closed store refuses every call.
///
/// Only one version of a bundle can have a store open. A component whose new version must run beside its old one
/// opens its stores when it is used first; one that cannot makes its root bundle a singleton, which is replaced,
/// not doubled.
///
/// Threading: safe from any thread. To open blocks whose index is lost takes a while: a minute or more for a
/// million.
@ProviderType
public interface Stores {
    /// @param name 1 to 64 characters of `a-z`, `0-9`, `.`, `_` and `-`, the first a letter or digit
    /// @throws StorageException if it cannot be opened: the message says why and what to do
    /// @throws IllegalArgumentException if the name is none
    Log log(String name, Log.Options options);

    /// @param name as for [#log]
    /// @throws StorageException if it cannot be opened: the message says why and what to do
    /// @throws IllegalArgumentException if the name is none
    Blocks blocks(String name, Blocks.Options options);

    /// Closes a store of this bundle.
    ///
    /// @return whether it was open
    boolean close(String name);

    /// Closes a store of this bundle and removes its files, for good.
    ///
    /// @return whether there was one
    /// @throws StorageException if files could not be removed: what is left is removed by the next try
    boolean remove(String name);
}
