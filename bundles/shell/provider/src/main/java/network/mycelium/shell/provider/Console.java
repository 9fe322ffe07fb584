package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.TerminalText;
import network.mycelium.shell.CommandLine;
import network.mycelium.shell.Shell.Call;
import network.mycelium.shell.Shell.User;
import org.apache.felix.service.command.CommandSession;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;
import org.osgi.framework.BundleContext;

/// One interactive session on a terminal: reads lines with editing, completion and history, and runs them. Ctrl-C
/// drops the line, or cancels the command that runs; Ctrl-D leaves.
///
/// A line that calls a command is that call, with its words as they are; Gogo's language is for what else somebody
/// with full access types.
final class Console {
    private final Terminal terminal;
    private final GogoShell shell;
    private final CommandSession session;
    private final User user;
    private final LineReader reader;
    /// The command that runs.
    private volatile Call running;

    private volatile boolean gone;

    Console(BundleContext context, Terminal terminal, GogoShell shell, CommandSession session, User user) {
        this.terminal = terminal;
        this.shell = shell;
        this.session = session;
        this.user = user;
        this.reader = reader(context);
        session.put(".terminal", terminal);
        session.put(".reader", reader);
    }

    private LineReader reader(BundleContext context) {
        var parser = new DefaultParser();
        parser.setEscapeChars(null);
        Map<String, Object> variables = new HashMap<>();
        Path history = ConsoleHistory.file(Path.of(context.getProperty("mycelium.home")), user);
        if (history != null) {
            try {
                Files.createDirectories(history.getParent());
                variables.put(LineReader.HISTORY_FILE, history);
            } catch (IOException e) {
                System.getLogger(Console.class.getName()).log(Level.WARNING, "no history of lines is kept", e);
            }
        }
        variables.put(LineReader.HISTORY_SIZE, ConsoleHistory.MAX_LINES);
        variables.put(LineReader.HISTORY_FILE_SIZE, ConsoleHistory.MAX_LINES);
        var quick = new QuickLineReader(terminal, "mycelium", variables, new ConsoleHistory());
        quick.setParser(parser);
        quick.setCompleter(new CommandCompleter(context, user));
        return quick;
    }

    /// Returns when its user leaves or the terminal is closed.
    void run() {
        terminal.handle(Signal.INT, SignalHandler.SIG_IGN);
        terminal.writer().println("Mycelium. `help` lists the commands, Tab completes, Ctrl-C stops, Ctrl-D leaves.");
        while (true) {
            try {
                String line = reader.readLine("mycelium> ").strip();
                if (line.equals("exit") || line.equals("quit")) {
                    return;
                }
                if (!line.isEmpty()) {
                    execute(line);
                }
            } catch (UserInterruptException e) {
                // Ctrl-C drops the line only.
            } catch (EndOfFileException | UncheckedIOException e) {
                return;
            }
        }
    }

    private void execute(String line) {
        try {
            if (begin(line).await() == GogoShell.CANCELLED) {
                terminal.writer().println("Cancelled.");
            }
        } catch (IllegalArgumentException e) {
            terminal.writer().println(TerminalText.line(e.getMessage()));
        } finally {
            terminal.handle(Signal.INT, SignalHandler.SIG_IGN);
            running = null;
        }
        terminal.writer().flush();
        terminal.flush();
    }

    private Call begin(String line) {
        Call call = user.access() != Access.FULL || isCall(line)
                ? shell.begin(CommandLine.words(line), terminal.input(), terminal.output(), terminal.output(), user)
                : shell.beginLine(scoped(line), session, terminal, user);
        terminal.handle(Signal.INT, signal -> call.cancel("Ctrl-C"));
        running = call;
        if (gone) {
            hangUp();
        }
        return call;
    }

    /// Commands of other bundles are made for Gogo, which evaluates what stands after them.
    private boolean isCall(String line) {
        return !Lines.isScript(line)
                && shell.commands()
                        .find(CommandLine.words(line))
                        .filter(called -> called.command().ours())
                        .isPresent();
    }

    /// `component list | ...` for `component:list | ...`, as on the command line outside.
    private String scoped(String line) {
        String[] words = line.split("\\s+", 3);
        return words.length > 1 && shell.commands().all().containsKey(words[0] + ":" + words[1])
                ? words[0] + ":" + line.substring(words[0].length()).stripLeading()
                : line;
    }

    /// The terminal is gone. From any thread.
    void hangUp() {
        gone = true;
        Call call = running;
        if (call != null) {
            call.cancel("its terminal was closed");
        }
    }
}
