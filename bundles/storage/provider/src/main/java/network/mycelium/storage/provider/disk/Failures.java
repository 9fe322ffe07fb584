package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.util.Locale;
import network.mycelium.storage.StorageException;
import network.mycelium.storage.StorageFullException;

/// What a failure of the disk is for a caller.
public final class Failures {
    private Failures() {}

    /// Java has no type for it.
    public static boolean isFull(IOException failure) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left")
                || message.contains("disk quota exceeded")
                || message.contains("not enough space");
    }

    /// @param what was refused, as a sentence without its end
    /// @param advice what to do, as a sentence
    public static StorageException of(String what, IOException cause, String advice) {
        return isFull(cause)
                ? new StorageFullException(
                        what
                                + ": the disk is full. Nothing of it was kept and nothing is lost; make room and try again.",
                        cause)
                : new StorageException(what + ": " + cause + ". " + advice, cause);
    }
}
