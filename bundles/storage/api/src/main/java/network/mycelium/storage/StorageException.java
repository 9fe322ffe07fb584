package network.mycelium.storage;

/// The storage refused. The message names what, where and the reason. Nothing of the call or transaction took
/// effect, unless the method says otherwise.
public class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
