package network.mycelium.storage;

/// What was asked for is on the disk, but not as it was written. The message says which file, which bytes, and
/// what to do. All else of the store can be read.
public final class DamagedException extends StorageException {
    private static final long serialVersionUID = 1;

    public DamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
