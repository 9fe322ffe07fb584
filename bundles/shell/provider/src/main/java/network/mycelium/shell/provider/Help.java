package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/// `help`: every command that Gogo knows, of whatever bundle.
@Component(service = CommandGroup.class)
public final class Help implements CommandGroup {
    private final BundleContext context;

    @Activate
    public Help(BundleContext context) {
        this.context = context;
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "shell",
                        List.of(Command.of("help", "[SCOPE]", "All commands; `SCOPE:COMMAND --help` tells more", 0, 1)))
                .allow(Access.RESTRICTED, "help");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "help" -> help(a.word(0, ""));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private Object help(String scope) {
        Table table = Table.of("command", "access", "from", "summary");
        Collection<KnownCommand> all = new Commands(context).all().values();
        all.stream()
                .filter(c -> scope.isEmpty() || c.scope().equals(scope.toLowerCase(Locale.ROOT)))
                .forEach(c ->
                        table.row(c.name(), c.access().text(), c.remote() ? "anywhere" : "this node", c.summary()));
        if (table.rows().isEmpty()) {
            throw new UsageException("There is no scope %s; there are: %s."
                    .formatted(
                            scope,
                            all.stream().map(KnownCommand::scope).distinct().collect(Collectors.joining(", "))));
        }
        return table;
    }
}
