package network.mycelium.shell.provider;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
                        List.of(ShellCommand.of(
                                "help",
                                "[SCOPE]",
                                "All commands; `SCOPE:COMMAND --help` tells more",
                                0,
                                1,
                                (a, out) -> help(a.word(0, "")))))
                .register(context);
    }

    @Deactivate
    void deactivate() {
        group.close();
    }

    private Object help(String scope) {
        Table table = Table.of("command", "summary");
        for (ServiceReference<?> reference : references(context)) {
            String of = String.valueOf(reference.getProperty(CommandProcessor.COMMAND_SCOPE));
            if (!scope.isEmpty() && !scope.equals(of)) {
                continue;
            }
            Object summary = reference.getProperty("mycelium.summary");
            for (String name : names(reference)) {
                table.row(of + ":" + name, summary == null ? "" : summary);
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
