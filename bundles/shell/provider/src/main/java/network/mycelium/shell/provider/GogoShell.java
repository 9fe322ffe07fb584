package network.mycelium.shell.provider;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.shell.Shell;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// The shell by Felix Gogo, with JLine at the terminal. It is there when the commands of the core are.
@Component
public final class GogoShell implements Shell {
    private static final Logger LOG = System.getLogger(GogoShell.class.getName());

    private final BundleContext context;
    private final CommandProcessor processor;

    // The shell is there before the node is on the network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile NetworkIdentity identity;

    @Activate
    public GogoShell(
            BundleContext context,
            @Reference CommandProcessor processor,
            // Who has the shell can use them.
            @Reference ComponentCommands components,
            @Reference RepositoryCommands repositories,
            @Reference NodeCommands node,
            @Reference Help help) {
        this.context = context;
        this.processor = processor;
    }

    @Override
    public void interact(InputStream in, OutputStream out, Screen screen, User user) throws IOException {
        // No pseudo terminal of this machine's: the other end has one, and interprets the escape sequences itself.
        try (var terminal = new ExternalTerminal(
                null,
                "mycelium",
                screen.type(),
                in,
                out,
                StandardCharsets.UTF_8,
                Terminal.SignalHandler.SIG_DFL,
                false,
                remoteAttributes(),
                Size.of(screen.columns(), screen.rows()))) {
            interact(new Console(context, terminal), user);
        }
    }

    /// A remote terminal is in raw mode: line ends and echo are made here.
    private static Attributes remoteAttributes() {
        var attributes = new Attributes();
        attributes.setInputFlag(Attributes.InputFlag.ICRNL, true);
        attributes.setOutputFlag(Attributes.OutputFlag.OPOST, true);
        attributes.setOutputFlag(Attributes.OutputFlag.ONLCR, true);
        attributes.setLocalFlag(Attributes.LocalFlag.ECHO, true);
        attributes.setLocalFlag(Attributes.LocalFlag.ICANON, true);
        return attributes;
    }

    void interact(Console console, User user) {
        Terminal terminal = console.terminal();
        try (CommandSession session = session(terminal.input(), terminal.output(), terminal.output())) {
            console.run(this, session, user);
        }
    }

    @Override
    public int execute(List<String> words, OutputStream out, OutputStream error, User user) {
        var errors = new PrintStream(error, true, StandardCharsets.UTF_8);
        try (CommandSession session = session(new ByteArrayInputStream(new byte[0]), out, error)) {
            String line = CommandLines.of(words);
            LOG.log(Level.INFO, "{0} runs {1}", user.name(), Secrets.hide(line));
            check(line, user);
            Object result = session.execute(line);
            if (result != null) {
                session.getConsole().println(session.format(result, Converter.INSPECT));
            }
            return 0;
        } catch (Exception e) {
            errors.println(CommandLines.message(e));
            return 1;
        }
    }

    private void check(String line, User user) throws IdentityException {
        String command = line.split(" ", 2)[0];
        String scoped = command.contains(":") ? command : "shell:" + command;
        Access needed = Help.access(context, scoped);
        if (user.access().compareTo(needed) < 0) {
            throw new IllegalArgumentException("%s has %s access; %s takes %s. `help` tells what each command takes."
                    .formatted(user.name(), Help.text(user.access()), scoped, Help.text(needed)));
        }
        record(line, user, needed);
    }

    /// What is done from elsewhere is not done if it cannot be put on record; who sits at the node must be able to mend
    /// it.
    private void record(String line, User user, Access needed) throws IdentityException {
        NetworkIdentity record = identity;
        if (record == null || needed.compareTo(user.elsewhere() ? Access.LIMITED : Access.STANDARD) < 0) {
            return;
        }
        try {
            record.note("command", "%s by %s".formatted(Secrets.hide(line), user.name()));
        } catch (IdentityException e) {
            if (user.elsewhere()) {
                throw e;
            }
            LOG.log(Level.WARNING, "what is done is not put on record: {0}", e.getMessage());
        }
    }

    private CommandSession session(InputStream in, OutputStream out, OutputStream error) {
        CommandSession session = processor.createSession(
                in,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(error, true, StandardCharsets.UTF_8));
        session.put("SCOPE", "component:repo:node:shell:*");
        return session;
    }
}
