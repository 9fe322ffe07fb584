package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.node.command.Json;
import network.mycelium.node.command.TerminalText;
import network.mycelium.shell.Shell;
import network.mycelium.shell.provider.Commands.Called;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Job;
import org.apache.felix.service.threadio.ThreadIO;
import org.jline.terminal.Terminal;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// The shell by Felix Gogo, with JLine at the terminal. It needs nothing of the node but Gogo, so that whatever is
/// broken there is a shell to mend it.
@Component
public final class GogoShell implements Shell {
    /// Commands that were cancelled and go on, at most; then others must wait until some end. The node's own shell
    /// need not.
    static final int MAX_ABANDONED = 16;

    private final BundleContext context;
    private final CommandProcessor processor;
    private final ThreadIO threads;
    private final BootGate boot;
    private final Commands commands;
    private final Beginning beginning;
    private final CommandRecord record = new CommandRecord(() -> this.identity);
    private final AtomicInteger abandoned = new AtomicInteger();

    // The shell is there before the node is on the network, and without.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile NetworkIdentity identity;

    @Activate
    public GogoShell(
            BundleContext context,
            @Reference CommandProcessor processor,
            @Reference ThreadIO threads,
            @Reference BootGate boot) {
        this.context = context;
        this.processor = processor;
        this.threads = threads;
        this.boot = boot;
        this.commands = new Commands(context);
        this.beginning = new Beginning(context);
    }

    /// For tests.
    void identity(NetworkIdentity service) {
        identity = service;
    }

    @Override
    public Session open(InputStream in, OutputStream out, Screen screen, User user) throws IOException {
        return new RemoteSession(this, in, out, screen, user);
    }

    /// Somebody at a terminal, until he leaves.
    ///
    /// @param begins is told before the first prompt
    void interact(Terminal terminal, User user, Consumer<Console> begins) throws InterruptedException {
        boot.await();
        var shown = new TerminalStream(terminal.output());
        try (CommandSession session = session(terminal.input(), print(shown), print(shown))) {
            var console = new Console(context, terminal, this, session, user);
            begins.accept(console);
            console.run();
        }
    }

    @Override
    public Call begin(List<String> words, InputStream in, OutputStream out, OutputStream error, User user) {
        return new CommandCall(name(words), out, error, abandoned).start(call -> call(words, in, call, user));
    }

    private static String name(List<String> words) {
        return TerminalText.line(String.join(" ", words.subList(0, Math.min(2, words.size()))));
    }

    private int call(List<String> words, InputStream in, CommandCall call, User user) {
        PrintStream error = call.error();
        Called called;
        try {
            boot.await();
            called = find(words);
            called.command().check(user);
            awaitPlace(called, user);
            if (!user.local() && abandoned.get() >= MAX_ABANDONED) {
                throw new IllegalStateException(
                        "%d commands that were cancelled still run on this node; it takes no more from elsewhere until some end."
                                .formatted(abandoned.get()));
            }
            record.begin(called.command(), called.arguments(), user);
        } catch (IdentityException | IllegalArgumentException | IllegalStateException e) {
            error.println(words.contains("--json") ? Json.error(e.getMessage()) : e.getMessage());
            return CommandFailure.exitOf(e);
        } catch (InterruptedException e) {
            return CANCELLED;
        }
        // For the record as it was given: Gogo may change the list.
        List<String> arguments = List.copyOf(called.arguments());
        Optional<CommandFailure> failure = run(called, in, call);
        String cancelled = call.end();
        record.end(
                called.command(),
                arguments,
                user,
                cancelled != null
                        ? "cancelled: " + cancelled
                        : failure.map(f -> "failed: " + f.getMessage()).orElse(CommandRecord.DONE));
        failure.ifPresent(f -> error.println(f.getMessage()));
        return failure.map(CommandFailure::exit).orElse(0);
    }

    /// The commands of the network come with the node's identity, a moment after all others.
    private Called find(List<String> words) throws InterruptedException {
        if (commands.find(words).isEmpty() && commands.isOfNetwork(words)) {
            if (!beginning.await(() -> commands.find(words).isPresent() || commands.areOfNetwork())) {
                throw beginning.notOnTheNetwork();
            }
            beginning.settle();
        }
        return commands.get(words);
    }

    /// Before, a member takes itself for none, and puts nothing on the network's record.
    private void awaitPlace(Called called, User user) throws InterruptedException {
        boolean ofNetwork = called.command().scope().equals(Commands.NETWORK);
        if (called.arguments().contains("--help") || !ofNetwork && !CommandRecord.isRecorded(called.command(), user)) {
            return;
        }
        beginning.awaitPlace();
        NetworkIdentity known = identity;
        if (ofNetwork
                && !isRemedy(called)
                && beginning.isMember()
                && (known == null || known.network().isEmpty())) {
            throw new IllegalStateException(
                    "This node belongs to a network and has not taken its place there. `node log --level ERROR` tells why; `network leave` forgets the network.");
        }
    }

    private static boolean isRemedy(Called called) {
        return called.command().name().equals("network:leave");
    }

    /// @return how it failed
    private Optional<CommandFailure> run(Called called, InputStream in, CommandCall call) {
        PrintStream out = call.out();
        PrintStream error = call.error();
        try (CommandSession session = session(in, out, error)) {
            call.onCancel(session::close);
            if (!(session.get(called.command().name()) instanceof Function function)) {
                return failed("The command " + called.command().name() + " has just gone.", null);
            }
            threads.setStreams(in, out, error);
            try {
                Object result = function.execute(session, new ArrayList<>(called.arguments()));
                if (result != null) {
                    out.println(session.format(result, Converter.INSPECT));
                }
            } finally {
                threads.close();
            }
            return Optional.empty();
        } catch (CommandFailure e) {
            return Optional.of(e);
        } catch (Exception e) {
            return failed(Commands.message(e), e);
        } catch (LinkageError | StackOverflowError e) {
            // A fault of the bundle whose command it is.
            return failed(e.toString(), e);
        }
    }

    private static Optional<CommandFailure> failed(String message, Throwable cause) {
        return Optional.of(new CommandFailure(CommandFailure.EXIT, message, cause));
    }

    /// Runs a line in Gogo's language. For a person with full access at this node alone.
    Call beginLine(String line, CommandSession session, Terminal terminal, User user) {
        return new CommandCall("line", terminal.output(), terminal.output(), abandoned)
                .start(call -> line(line, session, call, user));
    }

    private int line(String line, CommandSession session, CommandCall call, User user) {
        String text = TerminalText.line(Secrets.hide(line));
        call.onCancel(() -> session.jobs().forEach(Job::interrupt));
        String outcome = CommandRecord.DONE;
        try {
            Object result = session.execute(line);
            if (result != null) {
                call.out().println(session.format(result, Converter.INSPECT));
            }
        } catch (Exception e) {
            if (!Lines.isScript(line) && Commands.isUnknown(e)) {
                call.error().println(Commands.message(e));
                return 1;
            }
            outcome = "failed: " + Commands.message(e);
            call.error().println(Commands.message(e));
        }
        String cancelled = call.end();
        record.end(text, user, cancelled != null ? "cancelled: " + cancelled : outcome);
        return outcome.equals(CommandRecord.DONE) ? 0 : 1;
    }

    Commands commands() {
        return commands;
    }

    private static PrintStream print(OutputStream out) {
        return new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    private CommandSession session(InputStream in, PrintStream out, PrintStream error) {
        CommandSession session = processor.createSession(in, out, error);
        session.put("SCOPE", "component:repo:node:shell:*");
        return session;
    }
}
