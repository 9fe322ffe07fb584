package network.mycelium.storage;

/// There is no room: the quota of a store is used up, or the disk is full. Nothing was written and nothing is
/// lost; the same call succeeds when there is room.
public final class StorageFullException extends StorageException {
    private static final long serialVersionUID = 1;

    public StorageFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
