package network.mycelium.storage.provider.disk;

import java.io.IOException;
import java.util.List;

/// A folder with files. It is handed in, so that a test can take the power away or leave no room.
public interface Disk {
    /// Where it is, for messages.
    String place();

    /// The names of the files in it.
    List<String> names() throws IOException;

    DiskFile open(String name) throws IOException;

    /// Makes a file; its name is on the disk after [#sync].
    DiskFile create(String name) throws IOException;

    /// Renames a file whose content is on the disk; so is its new name when this returns.
    void rename(String from, String to) throws IOException;

    /// Removes a file; its name is gone for good after [#sync].
    void delete(String name) throws IOException;

    /// The names are on the disk when this returns.
    void sync() throws IOException;

    /// A folder in it, made if it is not there.
    Disk folder(String name) throws IOException;
}
