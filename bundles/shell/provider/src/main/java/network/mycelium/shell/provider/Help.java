package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import network.mycelium.identity.Member.Access;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
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
        Table table = Table.of("command", "access", "summary");
        for (ServiceReference<?> reference : references(context)) {
            String of = String.valueOf(reference.getProperty(CommandProcessor.COMMAND_SCOPE));
            if (!scope.isEmpty() && !scope.equals(of)) {
                continue;
            }
            Object summary = reference.getProperty(CommandGroup.SUMMARY);
            for (String name : names(reference)) {
                table.row(of + ":" + name, text(access(reference)), summary == null ? "" : summary);
            }
        }
        table.rows().sort((a, b) -> a.get(0).toString().compareTo(b.get(0).toString()));
        return table;
    }

    static Set<String> commands(BundleContext context) {
        Set<String> commands = new TreeSet<>();
        for (ServiceReference<?> reference : references(context)) {
            for (String name : names(reference)) {
                commands.add(reference.getProperty(CommandProcessor.COMMAND_SCOPE) + ":" + name);
            }
        }
        return commands;
    }

    /// The access that a command takes; one that is not of this project takes all.
    static Access access(BundleContext context, String scopeAndName) {
        return references(context).stream()
                .filter(reference -> names(reference).stream()
                        .anyMatch(name -> scopeAndName.equals(
                                reference.getProperty(CommandProcessor.COMMAND_SCOPE) + ":" + name)))
                .map(Help::access)
                .max(Comparator.naturalOrder())
                .orElse(Access.FULL);
    }

    private static Access access(ServiceReference<?> reference) {
        return reference.getProperty(CommandGroup.ACCESS) instanceof String level ? Access.valueOf(level) : Access.FULL;
    }

    static String text(Access access) {
        return access.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static List<ServiceReference<?>> references(BundleContext context) {
        try {
            ServiceReference<?>[] all = context.getAllServiceReferences(
                    null, "(&(" + CommandProcessor.COMMAND_SCOPE + "=*)(" + CommandProcessor.COMMAND_FUNCTION + "=*))");
            return all == null ? List.of() : List.of(all);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> names(ServiceReference<?> reference) {
        Object names = reference.getProperty(CommandProcessor.COMMAND_FUNCTION);
        return names instanceof String[] several ? List.of(several) : List.of(String.valueOf(names));
    }
}
