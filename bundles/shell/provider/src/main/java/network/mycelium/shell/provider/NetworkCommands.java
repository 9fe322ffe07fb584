package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director;
import network.mycelium.identity.Member;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.NetworkIdentity.Invitation;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.NetworkRepository;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `network:` the network that this node belongs to: who is in it, and what it directs.
@Component(service = NetworkCommands.class, immediate = true)
public final class NetworkCommands {
    private static final int MAX_SEED = 64 * 1024;
    private static final Duration ANSWER = Duration.ofSeconds(10);
    /// What nodes report of roll-outs, beside what they run; see the director.
    private static final List<String> ABOUT_ROLLOUTS = List.of("REJECTED", "HALTED");
    private static final Duration FOREVER = Duration.ofDays(100 * 365);

    private final NetworkIdentity identity;
    private final Host host;
    private final CommandGroup group;

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Director director;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Statements statements;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile NetworkRepository repository;

    @Activate
    public NetworkCommands(BundleContext context, @Reference NetworkIdentity identity, @Reference Host host) {
        this.identity = identity;
        this.host = host;
        this.group = new CommandGroup(
                        "network",
                        this::run,
                        Stream.concat(membership(), direction()).toList())
                .allow(
                        Access.READ_ONLY,
                        "members",
                        "audit",
                        "directives",
                        "proposals",
                        "status",
                        "nodes",
                        "repositories")
                .register(context);
    }

    private Stream<ShellCommand> membership() {
        return Stream.of(
                ShellCommand.of(
                                "init",
                                "NAME | --network-name NAME [--threshold N]",
                                "Make a network with this node as its founder",
                                0,
                                1)
                        .valued("--network-name", "--threshold"),
                ShellCommand.of(
                                "invite",
                                "[--access LEVEL] [--roles R,...] [--labels K=V,...] [--uses N] [--hours N] [--seed-spore FILE]",
                                "Make a ticket for a new member",
                                0,
                                0)
                        .valued("--access", "--roles", "--labels", "--uses", "--hours", "--seed-spore"),
                ShellCommand.of(
                                "join",
                                "TICKET | --seed-spore FILE-OR-URL [--name NAME]",
                                "Join the network of a ticket",
                                0,
                                1)
                        .valued("--seed-spore", "--name"),
                ShellCommand.of("leave", "", "Forget the network", 0, 0),
                ShellCommand.of("members", "", "Who belongs to the network", 0, 0),
                ShellCommand.of("revoke", "PEER", "Take a membership back", 1, 1),
                ShellCommand.of("audit", "", "What was done to the network from this node", 0, 0));
    }

    private Stream<ShellCommand> direction() {
        return Stream.of(
                ShellCommand.of("status", "", "What should run where, and what does", 0, 0),
                ShellCommand.of("nodes", "", "What each member runs", 0, 0),
                ShellCommand.of(
                                "direct",
                                "COMPONENT[@VERSIONS] [--on all|none|N] [--roles R,...] [--labels K=V,...] [--priority N] [--hours N] [--from VERSIONS [--canaries N] [--wave PERCENT] [--window SECONDS] [--failures N]]",
                                "Say what should run in the network",
                                1,
                                1)
                        .valued(
                                "--on",
                                "--roles",
                                "--labels",
                                "--priority",
                                "--hours",
                                "--from",
                                "--canaries",
                                "--wave",
                                "--window",
                                "--failures"),
                ShellCommand.of("pause", "COMPONENT", "Let no further node change its version", 1, 1),
                ShellCommand.of("resume", "COMPONENT", "Let a paused roll-out go on", 1, 1),
                ShellCommand.of(
                        "rollback",
                        "COMPONENT",
                        "Stop a roll-out: all nodes back to the versions before it, at once",
                        1,
                        1),
                ShellCommand.of("directives", "", "What was directed", 0, 0),
                ShellCommand.of("proposals", "", "What waits for more signatures", 0, 0),
                ShellCommand.of("approve", "KIND KEY", "Sign a proposal", 2, 2),
                ShellCommand.of("publish", "FOLDER PUBLISHER", "Offer a repository folder to the whole network", 2, 2),
                ShellCommand.of("repositories", "", "The publishers whom the network uses", 0, 0));
    }

    private Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "init" -> init(a);
            case "invite" -> invite(a);
            case "join" -> join(a);
            case "leave" -> leave();
            case "members" -> members();
            case "revoke" -> revoke(a.word(0));
            case "audit" -> audit();
            case "status" -> status();
            case "nodes" -> nodes();
            case "direct" -> direct(a);
            case "pause" -> again(a.word(0), d -> paused(d, true));
            case "resume" -> again(a.word(0), d -> paused(d, false));
            case "rollback" -> again(a.word(0), d -> d.at(rollout(d).from()));
            case "directives" -> directives();
            case "proposals" -> proposals();
            case "approve" -> approve(a.word(0), a.word(1));
            case "publish" -> publish(a.word(0), a.word(1));
            case "repositories" -> repositories();
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    @Deactivate
    void deactivate() {
        group.close();
    }

    static <T> T needed(T service) {
        if (service == null) {
            throw new IllegalArgumentException(
                    "This node belongs to no network; `network init` makes one, `network join` joins one.");
        }
        return service;
    }

    private Object init(Arguments arguments) throws Exception {
        String name = arguments.option("--network-name", arguments.word(0, ""));
        if (name.isEmpty()) {
            throw new IllegalArgumentException("A network needs a name: network init NAME");
        }
        return describe(identity.init(name, arguments.number("--threshold", 1)));
    }

    private static Object describe(Network network) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("network", network.name());
        values.put("id", network.id());
        values.put("created", network.created().toString());
        values.put("founders", network.founders().stream().map(PeerId::toString).toList());
        values.put("signatures needed", network.threshold());
        return Table.single(values);
    }

    private Object invite(Arguments arguments) throws Exception {
        String ticket = identity.invite(new Invitation(
                access(arguments.option("--access", "standard")),
                list(arguments.option("--roles", "hypha")),
                labels(arguments.option("--labels", "")),
                arguments.number("--uses", 1),
                Duration.ofHours(arguments.number("--hours", 24))));
        String file = arguments.option("--seed-spore", "");
        if (file.isEmpty()) {
            return ticket;
        }
        Files.writeString(Path.of(file), ticket + "\n");
        return "Written to %s; `network join --seed-spore` reads it from there or from a web server.".formatted(file);
    }

    static Access access(String name) {
        try {
            return Access.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "There is no access level " + name + "; there are: full, standard, limited, read-only, restricted",
                    e);
        }
    }

    static List<String> list(String text) {
        return Stream.of(text.split(","))
                .map(String::strip)
                .filter(t -> !t.isEmpty())
                .toList();
    }

    static Map<String, String> labels(String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : list(text)) {
            String[] parts = label.split("=", 2);
            if (parts.length < 2) {
                throw new IllegalArgumentException("A label is KEY=VALUE, not " + label);
            }
            labels.put(parts[0], parts[1]);
        }
        return labels;
    }

    private Object join(Arguments arguments) throws Exception {
        String seed = arguments.option("--seed-spore", "");
        String ticket = seed.isEmpty() ? arguments.word(0, "") : read(seed);
        if (ticket.isBlank()) {
            throw new IllegalArgumentException(
                    "To join takes a ticket: network join TICKET, or --seed-spore FILE-OR-URL");
        }
        String self = host.id().toString();
        return describe(identity.join(ticket, arguments.option("--name", "node-" + self.substring(self.length() - 6))));
    }

    private static String read(String seed) throws IOException {
        if (!seed.startsWith("http://") && !seed.startsWith("https://")) {
            return Files.readString(Path.of(seed));
        }
        var connection = URI.create(seed).toURL().openConnection();
        connection.setConnectTimeout((int) ANSWER.toMillis());
        connection.setReadTimeout((int) ANSWER.toMillis());
        try (var body = connection.getInputStream()) {
            return new String(body.readNBytes(MAX_SEED), StandardCharsets.UTF_8);
        }
    }

    /// A member by its name or peer id.
    static PeerId member(NetworkIdentity identity, String nameOrPeer) {
        List<Member> found = identity.members().stream()
                .filter(m -> !m.revoked())
                .filter(m -> m.name().equals(nameOrPeer) || m.peer().toString().equals(nameOrPeer))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    found.isEmpty()
                            ? "There is no member %s; `network members` shows them.".formatted(nameOrPeer)
                            : "%d members are called %s; say which by the peer id."
                                    .formatted(found.size(), nameOrPeer));
        }
        return found.getFirst().peer();
    }

    private Object leave() throws Exception {
        identity.leave();
        return "This node belongs to no network now.";
    }

    private Object members() {
        Table table = Table.of("name", "peer", "access", "roles", "labels", "issued", "state");
        for (Member m : identity.members()) {
            table.row(
                    m.name(),
                    m.peer(),
                    m.access().name().toLowerCase(Locale.ROOT),
                    m.roles(),
                    m.labels().entrySet().stream()
                            .map(Object::toString)
                            .sorted()
                            .toList(),
                    m.issued(),
                    m.revoked() ? "revoked" : "member");
        }
        return table;
    }

    private Object revoke(String peer) throws Exception {
        identity.revoke(PeerId.parse(peer));
        return peer + " is no member any more.";
    }

    private Object audit() throws Exception {
        Table table = Table.of("number", "time", "action", "details", "hash");
        identity.audit().forEach(e -> table.row(e.number(), e.time(), e.action(), e.details(), e.hash()));
        return table;
    }

    private Object direct(Arguments arguments) throws Exception {
        String[] parts = arguments.word(0).split("@", 2);
        Directive given = needed(director)
                .direct(new Directive(
                        parts[0],
                        parts.length == 2 ? parts[1] : "",
                        new Directive.Selector(
                                list(arguments.option("--roles", "")), labels(arguments.option("--labels", ""))),
                        count(arguments.option("--on", "all")),
                        arguments.number("--priority", 0),
                        rollout(arguments),
                        Instant.now().plus(Duration.ofHours(arguments.number("--hours", (int) FOREVER.toHours()))),
                        0,
                        List.of()));
        return told(given);
    }

    private static Optional<Rollout> rollout(Arguments arguments) throws Arguments.UsageException {
        String from = arguments.option("--from", "");
        return from.isEmpty()
                ? Optional.empty()
                : Optional.of(new Rollout(
                        from,
                        arguments.number("--canaries", 1),
                        arguments.number("--wave", 25),
                        arguments.number("--window", 300),
                        arguments.number("--failures", 0),
                        false));
    }

    private static Rollout rollout(Directive directive) {
        return directive
                .rollout()
                .orElseThrow(() ->
                        new IllegalArgumentException("The directive for %s is no roll-out: it was given without --from."
                                .formatted(directive.component())));
    }

    private static Directive paused(Directive d, boolean paused) {
        Rollout r = rollout(d);
        var changed = new Rollout(r.from(), r.canaries(), r.wavePercent(), r.windowSeconds(), r.failures(), paused);
        return new Directive(
                d.component(),
                d.versions(),
                d.selector(),
                d.count(),
                d.priority(),
                Optional.of(changed),
                d.expires(),
                d.sequence(),
                d.signers());
    }

    /// Gives the directive that holds once more, changed.
    private Object again(String component, UnaryOperator<Directive> change) throws Exception {
        Directive current = needed(director).directives().stream()
                .filter(d -> d.component().equals(component))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Nothing is directed about %s; `network directives` shows what is.".formatted(component)));
        return told(needed(director).direct(change.apply(current)));
    }

    private Object told(Directive given) {
        boolean holds = needed(director).directives().stream()
                .anyMatch(d -> d.component().equals(given.component()) && d.sequence() == given.sequence());
        return holds
                ? "Directed: %s on %s, number %d.".formatted(given.spec(), on(given), given.sequence())
                : "Proposed: %s on %s, number %d; other operators sign it with `network approve directive %s`."
                        .formatted(given.spec(), on(given), given.sequence(), given.component());
    }

    private static int count(String text) {
        return switch (text) {
            case "all" -> Directive.ALL;
            case "none" -> 0;
            default -> {
                try {
                    yield Integer.parseUnsignedInt(text);
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException("--on takes all, none or a number, not " + text, e);
                }
            }
        };
    }

    private static String on(Directive directive) {
        return switch (directive.count()) {
            case Directive.ALL -> "all";
            case 0 -> "none";
            default -> Integer.toString(directive.count());
        };
    }

    private Object directives() {
        Table table =
                Table.of("component", "versions", "on", "roles", "labels", "priority", "number", "expires", "signers");
        for (Directive d : needed(director).directives()) {
            table.row(
                    d.component(),
                    d.versions(),
                    on(d),
                    d.selector().roles(),
                    d.selector().labels().entrySet().stream()
                            .map(Object::toString)
                            .sorted()
                            .toList(),
                    d.priority(),
                    d.sequence(),
                    d.expires(),
                    d.signers());
        }
        return table;
    }

    private Object nodes() {
        Table table = Table.of("node", "peer", "alive", "roles", "maintenance", "components");
        for (Director.NodeReport node : needed(director).nodes()) {
            table.row(
                    node.name(),
                    node.peer(),
                    node.alive(),
                    node.roles().stream().sorted().toList(),
                    node.maintenance().map(Instant::toString).orElse(""),
                    node.components().stream()
                            .map(c -> c.component() + " " + c.version()
                                    + (c.state().equals("ACTIVE") ? "" : " " + c.state()))
                            .toList());
        }
        return table;
    }

    /// Desired beside actual: a line for each directive and each member that it concerns, or that runs it.
    private Object status() {
        Table table = Table.of("component", "wanted", "node", "runs", "difference");
        Director all = needed(director);
        List<Director.NodeReport> nodes = all.nodes();
        for (Directive directive : all.directives()) {
            List<String> placed = all.placement(directive);
            for (Director.NodeReport node : nodes) {
                boolean wanted = placed.contains(node.peer());
                Optional<Director.Running> runs = node.components().stream()
                        .filter(c -> c.component().equals(directive.component()))
                        .filter(c -> !ABOUT_ROLLOUTS.contains(c.state()))
                        .findFirst();
                Optional<Director.Running> told = node.components().stream()
                        .filter(c -> c.component().equals(directive.component()))
                        .filter(c -> ABOUT_ROLLOUTS.contains(c.state())
                                && c.version().equals(Long.toString(directive.sequence())))
                        .findFirst();
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
        return wanted ? "" : "not unloaded yet, or held by somebody else there";
    }

    private Object proposals() {
        Table table = Table.of("kind", "key", "number", "signers");
        for (Statement s : needed(statements).proposals()) {
            table.row(
                    s.kind(),
                    s.key(),
                    s.sequence(),
                    s.signers().stream().map(PeerId::toString).toList());
        }
        return table;
    }

    private Object approve(String kind, String key) throws Exception {
        needed(statements).approve(kind, key);
        return needed(statements).proposals().stream()
                        .anyMatch(s -> s.kind().equals(kind) && s.key().equals(key))
                ? "Signed; others must sign as well."
                : "Signed; it holds now.";
    }

    private Object publish(String folder, String publisher) throws Exception {
        List<BundleRef> all = needed(repository).offer(Path.of(folder).toAbsolutePath(), publisher);
        Table table = Table.of("bundle", "version", "bytes");
        all.forEach(ref -> table.row(ref.symbolicName(), ref.version(), ref.size()));
        return table;
    }

    private Object repositories() {
        Table table = Table.of("publisher", "sequence", "bundles", "problem");
        needed(repository).offers().forEach(o -> table.row(o.publisher(), o.sequence(), o.bundles(), o.problem()));
        return table;
    }
}
