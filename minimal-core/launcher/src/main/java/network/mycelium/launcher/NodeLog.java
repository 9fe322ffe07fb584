package network.mycelium.launcher;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/// The one log handler of the node: `System.Logger` of all code ends in `log/node.log`, bounded to three files of
/// 4 MiB; errors also reach the terminal.
final class NodeLog {
    private static final int FILE_BYTES = 4 << 20;
    private static final int FILES = 3;
    /// JUL holds loggers weakly; this keeps the configured one alive.
    private static final Logger ROOT = Logger.getLogger("");

    /// Control and invisible format characters, besides ends of lines and tabs.
    private static final Pattern STEERS = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\n\t]]");

    private static boolean open;

    private NodeLog() {}

    /// The log of the launcher's own classes.
    static System.Logger launcher() {
        return System.getLogger("network.mycelium.launcher");
    }

    /// Once for the process, however many cores it starts. Where the file cannot be written, all goes to the terminal:
    /// that is no reason not to run.
    static void open(NodeHome home) {
        if (open) {
            return;
        }
        for (var handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        ROOT.setLevel(Level.parse(System.getProperty("mycelium.log.level", "INFO")));
        var console = new ConsoleHandler();
        console.setFormatter(new Line());
        console.setLevel(Level.SEVERE);
        ROOT.addHandler(console);
        try {
            var file = new FileHandler(
                    home.path("log").toString().replace("%", "%%") + "/node.%g.log", FILE_BYTES, FILES, true);
            file.setFormatter(new Line());
            file.setLevel(Level.ALL);
            ROOT.addHandler(file);
        } catch (IOException e) {
            console.setLevel(Level.ALL);
            launcher()
                    .log(
                            System.Logger.Level.ERROR,
                            "the log in {0} cannot be written, so it goes to the terminal: {1}. Make the files there this user''s, and start again",
                            home.path("log"),
                            NodeHome.describe(e));
        }
        open = true;
    }

    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord record) {
            var text = new StringBuilder(128)
                    .append(Instant.ofEpochMilli(record.getMillis()).truncatedTo(ChronoUnit.MILLIS))
                    .append(' ')
                    .append(record.getLevel().getName())
                    .append(' ')
                    .append(record.getLoggerName())
                    .append(": ")
                    .append(formatMessage(record))
                    .append('\n');
            if (record.getThrown() != null) {
                var trace = new StringWriter();
                record.getThrown().printStackTrace(new PrintWriter(trace));
                text.append(trace);
            }
            return printable(text.toString());
        }
    }

    /// Names and reports of others must not steer the terminal of who reads the log.
    static String printable(String text) {
        return STEERS.matcher(text)
                .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
    }
}
