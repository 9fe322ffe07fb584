package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.component.Director;
import network.mycelium.component.Lease;
import network.mycelium.component.Roles;
import network.mycelium.component.Roles.Decision;
import network.mycelium.component.Roles.Role;
import network.mycelium.component.Roles.Rule;
import network.mycelium.component.Tasks;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Statements;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Shown;
import network.mycelium.node.command.Table;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `network:` what members are to the network, and what tasks take.
@Component(service = CommandGroup.class)
public final class RoleCommands implements CommandGroup {
    private final NetworkIdentity identity;
    /// Tasks begun from the shell of this node, by name.
    private final Map<String, Lease> begun = new ConcurrentHashMap<>();

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Roles roles;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Director director;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Tasks tasks;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Statements statements;

    @Activate
    public RoleCommands(@Reference NetworkIdentity identity) {
        this.identity = identity;
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "network",
                        List.of(
                                Command.of(
                                                "role",
                                                "NAME [COMPONENT...] [--auto [--uptime MINUTES] [--memory MIB] [--processors N] [--access LEVEL]]",
                                                "Say what a role takes, and who takes it by itself",
                                                1,
                                                64)
                                        .with(
                                                List.of("--auto"),
                                                List.of("--uptime", "--memory", "--processors", "--access")),
                                Command.of("roles", "", "Roles that were defined", 0, 0),
                                Command.of("promote", "NODE ROLE", "Give a member a role", 2, 2),
                                Command.of("demote", "NODE ROLE", "Take a role from a member", 2, 2),
                                Command.of(
                                        "task",
                                        "NAME [COMPONENT...]",
                                        "Say which components a kind of task takes; none: forget it",
                                        1,
                                        64),
                                Command.of("tasks", "", "What tasks take", 0, 0),
                                Command.of("begin", "TASK", "Load what a task takes on this node, and keep it", 1, 1),
                                Command.of("end", "TASK", "Give up what a task took", 1, 1)))
                .allow(Access.READ_ONLY, "roles", "tasks")
                .allow(Access.STANDARD, "begin", "end")
                .usesKey("role", "promote", "demote", "task");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "role" -> define(a);
            case "roles" -> roles();
            case "promote" -> decide(a, Decision.PROMOTE);
            case "demote" -> decide(a, Decision.DEMOTE);
            case "task" -> defineTask(a);
            case "tasks" -> tasks();
            case "begin" -> begin(a.word(0));
            case "end" -> end(a.word(0));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    @Deactivate
    void deactivate() {
        begun.values().forEach(Lease::close);
    }

    private Object define(Arguments arguments) throws Exception {
        Optional<Rule> rule = arguments.has("--auto")
                ? Optional.of(new Rule(
                        Duration.ofMinutes(arguments.number("--uptime", 0)),
                        arguments.number("--memory", 0),
                        arguments.number("--processors", 0),
                        Access.parse(arguments.option("--access", "standard"))))
                : Optional.empty();
        List<String> words = arguments.words();
        NetworkArguments.needed(roles)
                .define(new Role(words.getFirst(), List.copyOf(words.subList(1, words.size())), rule));
        return NetworkArguments.said(statements, "role", words.getFirst());
    }

    private Object roles() {
        Table table = Table.of("role", "components", "taken by itself", "members", "not taken");
        Roles all = NetworkArguments.needed(roles);
        for (Role role : all.roles()) {
            table.row(
                    role.name(),
                    role.components(),
                    role.rule().map(RoleCommands::shown),
                    identity.members().stream()
                            .filter(m ->
                                    !m.revoked() && all.of(m.peer().toString()).contains(role.name()))
                            .map(m -> m.name())
                            .sorted()
                            .toList(),
                    untaken(role.name()));
        }
        return table;
    }

    /// Members that should have a role and have not, with why.
    private List<String> untaken(String role) {
        return NetworkArguments.needed(director).nodes().stream()
                .filter(node -> node.untaken().containsKey(role))
                .map(node -> node.name() + ": " + node.untaken().get(role))
                .toList();
    }

    private static Shown shown(Rule rule) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("uptime minutes", rule.uptime().toMinutes());
        data.put("memory MiB", rule.memoryMiB());
        data.put("processors", rule.processors());
        data.put("access", rule.access().text());
        return new Shown(
                "up %d min, %d MiB, %d processors, %s access"
                        .formatted(data.values().toArray()),
                data);
    }

    private Object decide(Arguments arguments, Decision decision) throws Exception {
        String peer = NetworkArguments.member(identity, arguments.word(0)).toString();
        NetworkArguments.needed(roles).decide(peer, arguments.word(1), decision);
        return NetworkArguments.said(statements, "member-roles", peer);
    }

    private Object defineTask(Arguments arguments) throws Exception {
        List<String> words = arguments.words();
        NetworkArguments.needed(tasks).define(words.getFirst(), List.copyOf(words.subList(1, words.size())));
        return NetworkArguments.said(statements, "task", words.getFirst());
    }

    private Object tasks() {
        Table table = Table.of("task", "components", "begun here");
        NetworkArguments.needed(tasks)
                .rules()
                .forEach((task, components) -> table.row(task, components, begun.containsKey(task)));
        return table;
    }

    private Object begin(String task) throws Exception {
        if (begun.containsKey(task)) {
            throw new IllegalArgumentException("The task %s was begun here already.".formatted(task));
        }
        Lease lease = NetworkArguments.needed(tasks).begin(task, "operator");
        if (begun.putIfAbsent(task, lease) != null) {
            lease.close();
        }
        return "What %s takes runs here.".formatted(task);
    }

    private Object end(String task) {
        Lease lease = begun.remove(task);
        if (lease == null) {
            throw new IllegalArgumentException("The task %s was not begun here.".formatted(task));
        }
        lease.close();
        return "What %s took is given up.".formatted(task);
    }
}
