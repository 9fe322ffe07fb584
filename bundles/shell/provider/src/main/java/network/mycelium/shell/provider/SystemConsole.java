package network.mycelium.shell.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import network.mycelium.node.command.Access;
import network.mycelium.shell.Shell;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/// The shell on the terminal that the node was started from, if it was started interactively. Leaving it stops
/// the node.
///
/// What the terminal can do is learnt while the rest of the node starts: that takes as long as a fifth of a boot.
/// The prompt comes with the shell and its commands.
@Component(service = SystemConsole.class, immediate = true)
public final class SystemConsole {
    private static final Logger LOG = System.getLogger(SystemConsole.class.getName());

    private static final Shell.User USER =
            new Shell.User("operator", System.getProperty("user.name"), Access.FULL, Shell.Origin.TERMINAL);

    private final BundleContext context;
    private final CompletableFuture<GogoShell> ready = new CompletableFuture<>();
    private volatile Terminal terminal;
    private volatile boolean closed;
    private volatile boolean prompting;

    @Activate
    public SystemConsole(BundleContext context) {
        this.context = context;
        if (Boolean.parseBoolean(context.getProperty("mycelium.interactive"))) {
            Thread.ofPlatform().name("console").daemon().start(this::run);
        }
    }

    @Reference(
            service = Shell.class,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bind(Shell shell) {
        ready.complete((GogoShell) shell);
    }

    void unbind(Shell shell) throws IOException {
        close();
    }

    private void run() {
        // JLine asks the context class loader for its terminals.
        Thread.currentThread().setContextClassLoader(SystemConsole.class.getClassLoader());
        try (Terminal system = open()) {
            terminal = system;
            ready.join().interact(system, USER, console -> prompting = true);
            if (!closed) {
                context.getBundle(0).stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CancellationException e) {
            LOG.log(Level.DEBUG, "the node stopped before its first prompt", e);
        } catch (IOException | BundleException e) {
            LOG.log(Level.ERROR, "the console ended", e);
        }
    }

    /// Left to itself JLine starts a program to learn whether this is a terminal and another to learn what it can do,
    /// some twenty milliseconds each, and asks by foreign functions, which take 80 milliseconds to link.
    private Terminal open() throws IOException {
        String type = System.getenv().getOrDefault("TERM", "");
        String known = InfoCmp.getDefaultInfoCmp(type);
        if (known != null) {
            InfoCmp.setLoadedInfoCmp(type, known);
        }
        // Where JLine puts its native library while the node runs: nobody else can write there.
        System.setProperty("jline.tmpdir", context.getProperty("mycelium.home") + "/work");
        try {
            return builder().exec(false).ffm(false).dumb(false).build();
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "not a terminal that can be asked directly", e);
            return builder().build();
        }
    }

    /// Keys that send signals (Ctrl-C, Ctrl-\\, Ctrl-Z) are for the shell, and end no node that has a prompt.
    ///
    /// The terminal is not asked what it can do: the answer takes up to a fifth of a second, and what is typed
    /// meanwhile is lost.
    private TerminalBuilder builder() {
        return TerminalBuilder.builder()
                .name("mycelium")
                .system(true)
                .nativeSignals(true)
                .graphemeCluster(false)
                .signalHandler(this::beforePrompt);
    }

    private void beforePrompt(Signal signal) {
        if (signal != Signal.INT || prompting) {
            return;
        }
        try {
            context.getBundle(0).stop();
        } catch (BundleException e) {
            LOG.log(Level.ERROR, "the node did not stop", e);
        }
    }

    @Deactivate
    void deactivate() throws IOException {
        close();
    }

    private void close() throws IOException {
        closed = true;
        ready.cancel(false);
        Terminal open = terminal;
        if (open != null) {
            open.close();
        }
    }
}
