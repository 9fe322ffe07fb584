package network.mycelium.shell.provider.settings;

/// A mistake in a file of settings.
///
/// @param file as `config/PID.conf`
/// @param line from 1 on; 0 for all of the file
/// @param problem what is wrong and what is allowed, as the rest of a sentence about the line
/// @param unknownPid whether it is only that no installed bundle has such settings, which one that comes may mend
public record SettingProblem(String pid, String file, int line, String problem, boolean unknownPid) {

    /// Where and what, in one line.
    public String text() {
        return line == 0 ? file + ": " + problem : "%s line %d: %s".formatted(file, line, problem);
    }
}
