package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import network.mycelium.identity.Member.Access;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/// `help`: every command that Gogo knows, of whatever bundle.
@Component(service = Help.class, immediate = true)
public final class Help {
    private final BundleContext context;
    private final CommandGroup group;

    @Activate
    public Help(BundleContext context) {
        this.context = context;
        this.group = new CommandGroup(
                        "shell",
                        this::run,
                        List.of(ShellCommand.of(
                                "help", "[SCOPE]", "All commands; `SCOPE:COMMAND --help` tells more", 0, 1)))
                .allow(Access.RESTRICTED, "help")
                .register(context);
    }

    private Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "help" -> help(a.word(0, ""));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    @Deactivate
    void deactivate() {
        group.close();
    }

    private Object help(String scope) {
        Table table = Table.of("command", "access", "from", "summary");
        Collection<Command> all = new Commands(context).all().values();
        all.stream()
                .filter(c -> scope.isEmpty() || c.scope().equals(scope.toLowerCase(Locale.ROOT)))
                .forEach(c -> table.row(
                        c.name(), Command.text(c.access()), c.remote() ? "anywhere" : "this node", c.summary()));
        if (table.rows().isEmpty()) {
            throw new UsageException("There is no scope %s; there are: %s."
                    .formatted(
                            scope, all.stream().map(Command::scope).distinct().collect(Collectors.joining(", "))));
        }
        return table;
    }
}
