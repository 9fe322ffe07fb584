package network.mycelium.shell.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import network.mycelium.identity.Member.Access;
import network.mycelium.shell.Shell;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/// The shell on the terminal that the node was started from, if it was started interactively. Leaving it stops
/// the node.
@Component(service = SystemConsole.class, immediate = true)
public final class SystemConsole {
    private static final Logger LOG = System.getLogger(SystemConsole.class.getName());

    private final BundleContext context;
    private final GogoShell shell;
    private volatile Terminal terminal;
    private volatile boolean closed;

    @Activate
    public SystemConsole(
            BundleContext context,
            @Reference(service = Shell.class) Shell shell,
            // The first prompt comes when its commands are there.
            @Reference ComponentCommands components,
            @Reference RepositoryCommands repositories,
            @Reference NodeCommands node,
            @Reference Help help) {
        this.context = context;
        this.shell = (GogoShell) shell;
        if (Boolean.parseBoolean(context.getProperty("mycelium.interactive"))) {
            Thread.ofPlatform().name("console").daemon().start(this::run);
        }
    }

    private void run() {
        // JLine asks the context class loader for its terminals.
        Thread.currentThread().setContextClassLoader(SystemConsole.class.getClassLoader());
        try (Terminal system = open()) {
            terminal = system;
            shell.interact(system, new Shell.User("operator", Access.FULL, false));
            if (!closed) {
                context.getBundle(0).stop();
            }
        } catch (IOException | BundleException e) {
            LOG.log(Level.ERROR, "the console ended", e);
        }
    }

    /// Left to itself JLine starts a program to learn whether this is a terminal and another to learn what it can do,
    /// some twenty milliseconds each.
    private static Terminal open() throws IOException {
        String type = System.getenv().getOrDefault("TERM", "");
        String known = InfoCmp.getDefaultInfoCmp(type);
        if (known != null) {
            InfoCmp.setLoadedInfoCmp(type, known);
        }
        try {
            return TerminalBuilder.builder()
                    .name("mycelium")
                    .system(true)
                    .exec(false)
                    .dumb(false)
                    .build();
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "not a terminal that can be asked directly", e);
            return TerminalBuilder.builder().name("mycelium").system(true).build();
        }
    }

    @Deactivate
    void deactivate() throws IOException {
        closed = true;
        Terminal open = terminal;
        if (open != null) {
            open.close();
        }
    }
}
