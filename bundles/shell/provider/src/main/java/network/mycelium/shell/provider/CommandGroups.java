package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Json;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.node.health.HealthCheck;
import network.mycelium.shell.provider.health.CommandsCheck;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// The commands that the bundles of this node bring, given to Gogo while they are there. Each knows `--help` and
/// `--json`; results are data, printed here and nowhere else. Of two of one name the group of the lower service id has
/// it.
@Component(service = CommandGroups.class, immediate = true)
public final class CommandGroups {
    private static final Logger LOG = System.getLogger(CommandGroups.class.getName());
    /// What the least node has.
    private static final Set<String> CORE = Set.of("component", "repo", "node", "shell");

    private final BundleContext context;
    /// Guarded by this, as are the registrations; by service id.
    private final Map<Long, Brought> groups = new TreeMap<>();

    private final Map<String, Registered> registered = new HashMap<>();
    private boolean core;

    /// A group, and what it said that its commands are.
    private record Brought(CommandGroup group, CommandList list) {}

    private record Registered(CommandGroup by, ServiceRegistration<?> service) {}

    @Activate
    public CommandGroups(BundleContext context) {
        this.context = context;
        context.registerService(HealthCheck.class, new CommandsCheck(this::hidden), null);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bind(CommandGroup group, Map<String, Object> properties) {
        CommandList list;
        try {
            list = group.commands();
        } catch (RuntimeException | LinkageError e) {
            LOG.log(
                    Level.ERROR,
                    "commands cannot be given: those of " + group.getClass().getName(),
                    e);
            return;
        }
        synchronized (this) {
            groups.put((Long) properties.get(Constants.SERVICE_ID), new Brought(group, list));
            settle();
            if (!core && has(CORE)) {
                core = true;
                context.registerService(CoreCommands.class, new CoreCommands() {}, null);
            }
        }
    }

    synchronized void unbind(CommandGroup group, Map<String, Object> properties) {
        groups.remove((Long) properties.get(Constants.SERVICE_ID));
        settle();
    }

    @Deactivate
    synchronized void deactivate() {
        groups.clear();
        settle();
    }

    /// Registers what is new, and takes back what went.
    private void settle() {
        Map<String, Map.Entry<Brought, Command>> wanted = new TreeMap<>();
        groups.values()
                .forEach(brought -> brought.list()
                        .commands()
                        .forEach(command -> wanted.putIfAbsent(
                                brought.list().scope() + ":" + command.name(), Map.entry(brought, command))));
        for (String name : List.copyOf(registered.keySet())) {
            var now = wanted.get(name);
            if (now == null || now.getKey().group() != registered.get(name).by()) {
                registered.remove(name).service().unregister();
            }
        }
        wanted.forEach((name, now) -> registered.computeIfAbsent(
                name,
                key -> new Registered(
                        now.getKey().group(),
                        register(now.getKey().list().scope(), now.getKey().group(), now.getValue()))));
    }

    /// Commands that are not given because another group has one of that name: `scope:name`.
    synchronized List<String> hidden() {
        Set<String> seen = new HashSet<>();
        List<String> hidden = new ArrayList<>();
        groups.values()
                .forEach(brought -> brought.list().commands().forEach(command -> {
                    String name = brought.list().scope() + ":" + command.name();
                    if (!seen.add(name)) {
                        hidden.add(name);
                    }
                }));
        return hidden;
    }

    private boolean has(Set<String> scopes) {
        return groups.values().stream()
                .map(brought -> brought.list().scope())
                .collect(Collectors.toSet())
                .containsAll(scopes);
    }

    private ServiceRegistration<?> register(String scope, CommandGroup group, Command command) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(CommandProcessor.COMMAND_SCOPE, scope);
        properties.put(CommandProcessor.COMMAND_FUNCTION, command.name());
        properties.put(KnownCommand.SUMMARY, command.summary());
        properties.put(KnownCommand.USAGE, command.usage());
        properties.put(KnownCommand.ACCESS, command.access().name());
        properties.put(KnownCommand.USES_KEY, command.usesKey());
        properties.put(KnownCommand.REMOTE, !command.usesKey() && !command.local());
        Function function = (session, arguments) -> answer(scope, group, command, session, arguments);
        return context.registerService(Function.class, function, properties);
    }

    /// Who asks for JSON gets the error as JSON too.
    private static Object answer(
            String scope, CommandGroup group, Command command, CommandSession session, List<Object> given)
            throws Exception {
        try {
            return run(scope, group, command, session, given);
        } catch (InterruptedException e) {
            throw e;
        } catch (UsageException e) {
            throw failure(e, e.getMessage() + "\nUsage: " + usage(scope, command), given);
        } catch (Exception e) {
            throw failure(e, Commands.message(e), given);
        }
    }

    private static CommandFailure failure(Exception e, String message, List<Object> given) {
        return new CommandFailure(
                CommandFailure.exitOf(e), given.contains("--json") ? Json.error(message) : message, e);
    }

    private static String usage(String scope, Command command) {
        return (scope + ":" + command.name() + " " + command.usage()).strip() + " [--json]";
    }

    private static Object run(
            String scope, CommandGroup group, Command command, CommandSession session, List<Object> given)
            throws Exception {
        PrintStream out = session.getConsole();
        if (given.contains("--help")) {
            out.println(command.summary() + "\nUsage: " + usage(scope, command));
            return null;
        }
        Set<String> flags = new HashSet<>(command.flags());
        flags.add("--json");
        Arguments arguments = Arguments.parse(
                given.toArray(), command.least(), command.most(), flags, command.valued(), session.getKeyboard());
        Object result = group.run(command.name(), arguments, out);
        String text = result == null ? "" : arguments.has("--json") ? json(result) : result.toString();
        if (!text.isEmpty()) {
            out.println(text);
        }
        return null;
    }

    private static String json(Object result) {
        return result instanceof Table table ? table.json() : Json.write(result);
    }
}
