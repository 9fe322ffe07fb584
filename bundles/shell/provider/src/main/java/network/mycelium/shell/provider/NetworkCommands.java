package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director;
import network.mycelium.identity.Statements;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Shown;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.NetworkRepository;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `network:` what the network that this node belongs to should run, and what it does.
@Component(service = CommandGroup.class)
public final class NetworkCommands implements CommandGroup {
    /// What nodes report of roll-outs, beside what they run; see the director.
    private static final List<String> ABOUT_ROLLOUTS = List.of("REJECTED", "HALTED");
    private static final Duration FOREVER = Duration.ofDays(100 * 365);

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Director director;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Statements statements;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile NetworkRepository repository;

    private static List<Command> all() {
        return List.of(
                Command.of("status", "", "What should run where, and what does", 0, 0),
                Command.of("nodes", "", "What each member runs", 0, 0),
                Command.of(
                                "direct",
                                "COMPONENT[@VERSIONS] [--on all|none|demand|N] [--roles R,...] [--labels K=V,...] [--memory MIB] [--processors N] [--priority N] [--hours N] [--from VERSIONS [--canaries N] [--wave PERCENT] [--window SECONDS] [--failures N]] [--force]",
                                "Say what should run in the network",
                                1,
                                1)
                        .flags("--force")
                        .valued(
                                "--on",
                                "--roles",
                                "--labels",
                                "--memory",
                                "--processors",
                                "--priority",
                                "--hours",
                                "--from",
                                "--canaries",
                                "--wave",
                                "--window",
                                "--failures"),
                Command.of(
                        "undirect",
                        "COMPONENT",
                        "Take back what was directed: nodes unload what nobody else needs",
                        1,
                        1),
                Command.of("pause", "COMPONENT", "Let no further node change its version", 1, 1),
                Command.of("resume", "COMPONENT", "Let a paused roll-out go on", 1, 1),
                Command.of(
                        "rollback",
                        "COMPONENT",
                        "Stop a roll-out: all nodes back to the versions before it, at once",
                        1,
                        1),
                Command.of("directives", "", "What was directed", 0, 0),
                Command.of("publish", "FOLDER PUBLISHER", "Offer a repository folder to the whole network", 2, 2),
                Command.of("repositories", "", "The publishers whom the network uses", 0, 0));
    }

    @Override
    public CommandList commands() {
        return CommandList.of("network", all())
                .allow(Access.READ_ONLY, "directives", "status", "nodes", "repositories")
                .usesKey("direct", "undirect", "pause", "resume", "rollback", "publish");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "status" -> status();
            case "nodes" -> nodes();
            case "direct" -> direct(a);
            case "undirect" -> undirect(a.word(0));
            case "pause" -> again(a.word(0), d -> d.with(rollout(d).paused(true)));
            case "resume" -> again(a.word(0), d -> d.with(rollout(d).paused(false)));
            case "rollback" -> again(a.word(0), d -> d.at(rollout(d).from()));
            case "directives" -> directives();
            case "publish" -> publish(a.word(0), a.word(1));
            case "repositories" -> repositories();
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private Object direct(Arguments arguments) throws Exception {
        String[] parts = ComponentName.at(arguments, 0).split("@", 2);
        var asked = new Directive(
                parts[0],
                parts.length == 2 ? parts[1] : "",
                new Directive.Selector(
                        NetworkArguments.list(arguments.option("--roles", "")),
                        NetworkArguments.labels(arguments.option("--labels", "")),
                        new Directive.Resources(arguments.number("--memory", 0), arguments.number("--processors", 0))),
                count(arguments.option("--on", "all")),
                arguments.number("--priority", 0),
                rollout(arguments),
                Instant.now().plus(Duration.ofHours(hours(arguments))),
                0,
                Instant.EPOCH,
                List.of());
        return told(NetworkArguments.needed(director).direct(asked, arguments.has("--force")));
    }

    private static int hours(Arguments arguments) {
        int hours = arguments.number("--hours", (int) FOREVER.toHours());
        if (hours < 1) {
            throw new UsageException("A directive holds for one hour or more; `network undirect` takes one back.");
        }
        return hours;
    }

    private Object undirect(String component) throws Exception {
        NetworkArguments.needed(director).withdraw(component);
        return NetworkArguments.waits(statements, "directive", component)
                ? "Proposed; other operators sign it with `network approve directive %s`.".formatted(component)
                : "Nothing is directed about %s any more.".formatted(component);
    }

    private static Optional<Rollout> rollout(Arguments arguments) {
        String from = arguments.option("--from", "");
        return from.isEmpty()
                ? Optional.empty()
                : Optional.of(new Rollout(
                        from,
                        arguments.number("--canaries", 1),
                        arguments.number("--wave", 25),
                        arguments.number("--window", 300),
                        arguments.number("--failures", 0),
                        false,
                        List.of()));
    }

    private static Rollout rollout(Directive directive) {
        return directive
                .rollout()
                .orElseThrow(() ->
                        new IllegalArgumentException("The directive for %s is no roll-out: it was given without --from."
                                .formatted(directive.component())));
    }

    /// Gives the directive that holds once more, changed.
    private Object again(String component, UnaryOperator<Directive> change) throws Exception {
        Directive current = NetworkArguments.needed(director).directives().stream()
                .filter(d -> d.component().equals(component))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Nothing is directed about %s; `network directives` shows what is.".formatted(component)));
        // It was judged when it was given; what stops one must not be refused.
        return told(NetworkArguments.needed(director).direct(change.apply(current), true));
    }

    /// It may hold no more: whoever gave a newer one at the same time replaced it.
    private Object told(Directive given) {
        return NetworkArguments.waits(statements, "directive", given.component())
                ? "Proposed: %s on %s, number %d; other operators sign it with `network approve directive %s`."
                        .formatted(given.spec(), on(given), given.sequence(), given.component())
                : "Directed: %s on %s, number %d.".formatted(given.spec(), on(given), given.sequence());
    }

    private static int count(String text) {
        return switch (text) {
            case "all" -> Directive.ALL;
            case "none" -> 0;
            case "demand" -> Directive.ON_DEMAND;
            default -> {
                try {
                    yield Integer.parseUnsignedInt(text);
                } catch (NumberFormatException e) {
                    throw new UsageException("--on takes all, none, demand or a number, not " + text, e);
                }
            }
        };
    }

    private static String on(Directive directive) {
        return switch (directive.count()) {
            case Directive.ALL -> "all";
            case Directive.ON_DEMAND -> "demand";
            case 0 -> "none";
            default -> Integer.toString(directive.count());
        };
    }

    private Object directives() {
        Table table = Table.of(
                "component",
                "versions",
                "on",
                "roles",
                "labels",
                "resources",
                "priority",
                "number",
                "signed",
                "expires",
                "signers",
                "not followed");
        Director all = NetworkArguments.needed(director);
        for (Directive d : all.directives()) {
            table.row(
                    d.component(),
                    d.versions(),
                    on(d),
                    d.selector().roles(),
                    d.selector().labels().entrySet().stream()
                            .map(Object::toString)
                            .sorted()
                            .toList(),
                    resources(d.selector().least()),
                    d.priority(),
                    d.sequence(),
                    d.issued(),
                    d.expires(),
                    d.signers(),
                    all.course(d));
        }
        for (Director.Ignored one : all.ignored()) {
            if (one.kind().equals("directive")) {
                Optional<Object> unknown = Optional.empty();
                table.row(
                        one.key(),
                        "",
                        "",
                        List.of(),
                        List.of(),
                        unknown,
                        unknown,
                        unknown,
                        unknown,
                        unknown,
                        one.signers(),
                        one.why());
            }
        }
        return table;
    }

    private static Optional<Shown> resources(Directive.Resources least) {
        return least.equals(Directive.Resources.NONE)
                ? Optional.empty()
                : Optional.of(new Shown(
                        "%d MiB, %d processors".formatted(least.memoryMiB(), least.processors()),
                        Map.of("memory MiB", least.memoryMiB(), "processors", least.processors())));
    }

    private Object nodes() {
        Table table = Table.of("node", "peer", "alive", "roles", "maintenance", "components", "not understood");
        Director all = NetworkArguments.needed(director);
        List<Director.Ignored> ignored = all.ignored();
        for (Director.NodeReport node : all.nodes()) {
            table.row(
                    node.name(),
                    node.peer(),
                    node.alive(),
                    node.roles().stream().sorted().toList(),
                    node.maintenance(),
                    components(node),
                    ignored.stream()
                            .filter(one ->
                                    one.kind().equals("report") && one.signers().contains(node.peer()))
                            .map(Director.Ignored::why)
                            .toList());
        }
        return table;
    }

    private static List<String> components(Director.NodeReport node) {
        Stream<String> told = node.components().stream()
                .map(c -> c.component() + " " + c.version() + (c.state().equals("ACTIVE") ? "" : " " + c.state()));
        Stream<String> left = node.leftOut() == 0 ? Stream.of() : Stream.of("and %d more".formatted(node.leftOut()));
        return Stream.concat(told, left).toList();
    }

    /// Desired beside actual: a line for each directive and each member that it concerns, or that runs it.
    private Object status() {
        Table table = Table.of("component", "wanted", "node", "runs", "difference");
        Director all = NetworkArguments.needed(director);
        List<Director.NodeReport> nodes = all.nodes();
        for (Directive directive : all.directives()) {
            List<String> placed = all.placement(directive);
            for (Director.NodeReport node : nodes) {
                Optional<Director.Running> runs = node.components().stream()
                        .filter(c -> c.component().equals(directive.component()))
                        .filter(c -> !ABOUT_ROLLOUTS.contains(c.state()))
                        .findFirst();
                Optional<Director.Running> told = node.components().stream()
                        .filter(c -> c.component().equals(directive.component()))
                        .filter(c -> ABOUT_ROLLOUTS.contains(c.state())
                                && c.version().equals(Long.toString(directive.sequence())))
                        .findFirst();
                boolean wanted =
                        placed.contains(node.peer()) && (directive.count() != Directive.ON_DEMAND || runs.isPresent());
                if (wanted || runs.isPresent()) {
                    table.row(
                            directive.component(),
                            wanted ? (directive.versions().isEmpty() ? "any" : directive.versions()) : "no",
                            node.name(),
                            runs.map(Director.Running::version).orElse(""),
                            told.map(c -> c.state().toLowerCase(Locale.ROOT) + ": " + c.problem())
                                    .orElseGet(() -> difference(wanted, node, runs)));
                }
            }
        }
        return table;
    }

    private static String difference(boolean wanted, Director.NodeReport node, Optional<Director.Running> runs) {
        if (!node.alive()) {
            return "the node is not heard";
        }
        if (runs.isEmpty()) {
            return "not loaded yet";
        }
        if (!runs.get().problem().isEmpty()) {
            return runs.get().problem();
        }
        return wanted ? "" : "kept until it runs where it should, or held by somebody else there";
    }

    private Object publish(String folder, String publisher) throws Exception {
        List<BundleRef> all =
                NetworkArguments.needed(repository).offer(Path.of(folder).toAbsolutePath(), publisher);
        Table table = Table.of("bundle", "version", "bytes");
        all.forEach(ref -> table.row(ref.symbolicName(), ref.version(), ref.size()));
        return table;
    }

    private Object repositories() {
        Table table = Table.of("publisher", "sequence", "bundles", "problem");
        NetworkArguments.needed(repository)
                .offers()
                .forEach(o -> table.row(o.publisher(), o.sequence(), o.bundles(), o.problem()));
        return table;
    }
}
