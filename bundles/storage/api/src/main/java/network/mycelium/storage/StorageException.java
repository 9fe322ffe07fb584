package network.mycelium.storage;

/// The database refused. The message names the statement and the reason. Nothing of the call or transaction took
/// effect.
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
