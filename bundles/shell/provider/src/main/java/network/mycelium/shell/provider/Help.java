package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.List;
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
        new Commands(context)
                .all().values().stream()
                        .filter(c -> scope.isEmpty() || c.name().startsWith(scope + ":"))
                        .forEach(c -> table.row(
                                c.name(),
                                Command.text(c.access()),
                                c.remote() ? "anywhere" : "this node",
                                c.summary()));
        return table;
    }
}
