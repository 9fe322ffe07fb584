package network.mycelium.shell.provider;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import network.mycelium.component.ComponentManager;
import network.mycelium.identity.Member.Access;
import network.mycelium.repository.RepositoryIndex;
import network.mycelium.shell.CommandLine;
import network.mycelium.shell.Shell.User;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/// One interactive session on a terminal: reads lines with editing, completion and history, and runs them.
final class Console {
    private static final Set<String> WITH_COMPONENT =
            Set.of("info", "load", "unload", "update", "rollback", "why", "history", "pin", "unpin", "plan");

    private final BundleContext context;
    private final Terminal terminal;
    private final LineReader reader;

    Console(BundleContext context, Terminal terminal) {
        this.context = context;
        this.terminal = terminal;
        var parser = new DefaultParser();
        parser.setEscapeChars(null);
        Map<String, Object> variables = new HashMap<>();
        variables.put(LineReader.HISTORY_FILE, Path.of(context.getProperty("mycelium.home"), "data", "shell-history"));
        variables.put(LineReader.HISTORY_FILE_SIZE, 2000);
        var quick = new QuickLineReader(terminal, "mycelium", variables);
        quick.setParser(parser);
        quick.setCompleter(new Words());
        this.reader = quick;
    }

    Terminal terminal() {
        return terminal;
    }

    /// Returns when its user leaves or the terminal is closed.
    ///
    /// @param shell runs the commands of users who may not use the whole language
    void run(GogoShell shell, CommandSession session, User user) {
        session.put(".terminal", terminal);
        session.put(".reader", reader);
        terminal.writer().println("Mycelium. `help` lists the commands, Tab completes, Ctrl-D leaves.");
        while (true) {
            try {
                String line = reader.readLine("mycelium> ").strip();
                if (line.equals("exit") || line.equals("quit")) {
                    return;
                }
                if (!line.isEmpty()) {
                    execute(line, shell, session, user);
                }
            } catch (UserInterruptException e) {
                // Ctrl-C drops the line only.
            } catch (EndOfFileException e) {
                return;
            }
        }
    }

    private void execute(String line, GogoShell shell, CommandSession session, User user) {
        if (user.access() != Access.FULL) {
            try {
                shell.execute(CommandLine.words(line), terminal.output(), terminal.output(), user);
            } catch (IllegalArgumentException e) {
                terminal.writer().println(e.getMessage());
            }
            terminal.flush();
            return;
        }
        System.getLogger(Console.class.getName())
                .log(System.Logger.Level.INFO, "{0} runs {1}", user.name(), Secrets.hide(line));
        try {
            Object result = session.execute(scoped(line));
            if (result != null) {
                terminal.writer().println(session.format(result, Converter.INSPECT));
            }
        } catch (Exception e) {
            terminal.writer().println(CommandLines.message(e));
        }
        terminal.writer().flush();
    }

    /// `component list` for `component:list`, as on the command line outside.
    private String scoped(String line) {
        String[] words = line.split("\\s+", 3);
        if (words.length > 1 && commands().contains(words[0] + ":" + words[1])) {
            return words[0] + ":" + words[1] + (words.length > 2 ? " " + words[2] : "");
        }
        return line;
    }

    private Set<String> commands() {
        return Help.commands(context);
    }

    private final class Words implements Completer {
        @Override
        public void complete(LineReader ignored, ParsedLine line, List<Candidate> candidates) {
            if (line.wordIndex() == 0) {
                commands().forEach(c -> candidates.add(new Candidate(c)));
                return;
            }
            String command = line.words().get(0);
            int at = command.indexOf(':');
            if (at < 0 && line.wordIndex() == 1) {
                commands().stream()
                        .filter(c -> c.startsWith(command + ":"))
                        .forEach(c -> candidates.add(new Candidate(c.substring(command.length() + 1))));
                return;
            }
            String name = at < 0 ? line.words().get(1) : command.substring(at + 1);
            if (command.startsWith("component") && WITH_COMPONENT.contains(name)) {
                componentNames().forEach(c -> candidates.add(new Candidate(c)));
            }
            List.of("--json", "--help").forEach(o -> candidates.add(new Candidate(o)));
        }

        private Set<String> componentNames() {
            Set<String> names = new TreeSet<>();
            with(ComponentManager.class, m -> m.components().forEach(c -> names.add(c.name())));
            with(
                    RepositoryIndex.class,
                    i -> i.search("").forEach(ref -> i.componentOf(ref).ifPresent(names::add)));
            return names;
        }

        private <T> void with(Class<T> type, java.util.function.Consumer<T> use) {
            ServiceReference<T> reference = context.getServiceReference(type);
            T service = reference == null ? null : context.getService(reference);
            if (service != null) {
                use.accept(service);
                context.ungetService(reference);
            }
        }
    }
}
