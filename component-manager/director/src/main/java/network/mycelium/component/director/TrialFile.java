package network.mycelium.component.director;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import network.mycelium.files.AtomicFiles;

/// Trials on the disk, so that a roll-out that this node stopped stays stopped when it starts again.
///
/// @param file which
record TrialFile(Path file) implements Rollouts.Keeper {
    private static final Logger LOG = System.getLogger(TrialFile.class.getName());

    /// Nothing if there is no file, or none that can be read: then too the node takes no new version by
    /// itself, for it waits for its turn.
    List<Trial> read() {
        try {
            return Files.exists(file) ? Trial.parse(Files.readAllBytes(file)) : List.of();
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(
                    Level.WARNING,
                    "{0} cannot be read, so it is not known which versions failed here: {1}",
                    file,
                    e.getMessage());
            return List.of();
        }
    }

    @Override
    public void keep(Collection<Trial> all) throws IOException {
        AtomicFiles.createFolders(file.getParent());
        AtomicFiles.write(file, Trial.toBytes(all));
    }
}
