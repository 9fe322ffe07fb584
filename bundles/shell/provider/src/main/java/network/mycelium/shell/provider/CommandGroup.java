package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.mycelium.identity.Member.Access;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/// The commands of one scope, registered with Gogo. Each knows `--help` and `--json`; results are data, printed
/// here and nowhere else.
final class CommandGroup implements AutoCloseable {
    private final String scope;
    private final Runner runner;
    private final List<ShellCommand> commands;
    private final Map<String, Access> access = new HashMap<>();
    private final Set<String> signing = new HashSet<>();
    private final Set<String> local = new HashSet<>();
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

    /// What the commands do. It is one for all: a lambda for each would be a class that is made anew at each boot.
    interface Runner {
        /// @param command its name, without the scope
        /// @return a [Table], a [Shown], a text, or null after it printed by itself
        Object run(String command, Arguments arguments, PrintStream out) throws Exception;
    }

    CommandGroup(String scope, Runner runner, List<ShellCommand> commands) {
        this.scope = scope;
        this.runner = runner;
        this.commands = commands;
    }

    /// Which access some of the commands take; all others take [Access#FULL].
    CommandGroup allow(Access level, String... names) {
        known(names).forEach(name -> access.put(name, level));
        return this;
    }

    /// Which of them sign by this node's key, or speak to others in its name: they are given in its own shell only.
    CommandGroup usesKey(String... names) {
        signing.addAll(known(names));
        return this;
    }

    /// Which of them are given in the node's own shell only, though they use no key: they decide whom this node
    /// trusts, or handle keys and files of its machine. All others may be given by members and orders too.
    CommandGroup localOnly(String... names) {
        local.addAll(known(names));
        return this;
    }

    private List<String> known(String... names) {
        for (String name : names) {
            if (commands.stream().noneMatch(command -> command.name().equals(name))) {
                throw new IllegalArgumentException("There is no command " + scope + ":" + name);
            }
        }
        return List.of(names);
    }

    CommandGroup register(BundleContext context) {
        for (ShellCommand command : commands) {
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put(CommandProcessor.COMMAND_SCOPE, scope);
            properties.put(CommandProcessor.COMMAND_FUNCTION, command.name());
            properties.put(Command.SUMMARY, command.summary());
            properties.put(Command.USAGE, command.usage());
            properties.put(
                    Command.ACCESS,
                    access.getOrDefault(command.name(), Access.FULL).name());
            properties.put(Command.USES_KEY, signing.contains(command.name()));
            properties.put(Command.REMOTE, !signing.contains(command.name()) && !local.contains(command.name()));
            Function function = (session, arguments) -> answer(command, session, arguments);
            registrations.add(context.registerService(Function.class, function, properties));
        }
        return this;
    }

    /// Who asks for JSON gets the error as JSON too.
    private Object answer(ShellCommand command, CommandSession session, List<Object> given) throws Exception {
        try {
            return run(command, session, given);
        } catch (InterruptedException e) {
            throw e;
        } catch (UsageException e) {
            throw failure(e, e.getMessage() + "\nUsage: " + usage(command), given);
        } catch (Exception e) {
            throw failure(e, Commands.message(e), given);
        }
    }

    private static CommandFailure failure(Exception e, String message, List<Object> given) {
        return new CommandFailure(
                CommandFailure.exitOf(e), given.contains("--json") ? Json.error(message) : message, e);
    }

    private String usage(ShellCommand command) {
        return (scope + ":" + command.name() + " " + command.usage()).strip() + " [--json]";
    }

    private Object run(ShellCommand command, CommandSession session, List<Object> given) throws Exception {
        PrintStream out = session.getConsole();
        if (given.contains("--help")) {
            out.println(command.summary() + "\nUsage: " + usage(command));
            return null;
        }
        Set<String> flags = new HashSet<>(command.flags());
        flags.add("--json");
        Arguments arguments = Arguments.parse(
                given.toArray(), command.least(), command.most(), flags, command.valued(), session.getKeyboard());
        Object result = runner.run(command.name(), arguments, out);
        String text = result == null ? "" : arguments.has("--json") ? json(result) : result.toString();
        if (!text.isEmpty()) {
            out.println(text);
        }
        return null;
    }

    private static String json(Object result) {
        return result instanceof Table table ? table.json() : Json.write(result);
    }

    @Override
    public void close() {
        registrations.forEach(ServiceRegistration::unregister);
    }
}
