package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import network.mycelium.identity.Member;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.NetworkIdentity.Invitation;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
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
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `network:` who is in the network that this node belongs to, by which keys, and what is signed there.
@Component(service = CommandGroup.class)
public final class MembershipCommands implements CommandGroup {
    private static final int MAX_SEED = 64 * 1024;
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final BundleContext context;
    private final NetworkIdentity identity;
    private final Host host;

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Statements statements;

    @Activate
    public MembershipCommands(BundleContext context, @Reference NetworkIdentity identity, @Reference Host host) {
        this.context = context;
        this.identity = identity;
        this.host = host;
    }

    private static List<Command> all() {
        return List.of(
                Command.of(
                                "init",
                                "NAME | --network-name NAME [--recovery-file FILE | --no-recovery]",
                                "Make a network with this node as its founder",
                                0,
                                1)
                        .with(List.of("--no-recovery"), List.of("--network-name", "--recovery-file")),
                Command.of(
                                "recover-network",
                                "GENESIS-FILE ADDRESS --code FILE [--name NAME]",
                                "Come back as an operator of a network, by its recovery codes",
                                2,
                                2)
                        .valued("--code", "--name"),
                Command.of("genesis", "FILE", "Write the network's genesis document to a file", 1, 1),
                Command.of(
                        "alone",
                        "",
                        "Let this node speak though there is no other member to compare with since its start",
                        0,
                        0),
                Command.of(
                                "invite",
                                "[--access LEVEL] [--roles R,...] [--labels K=V,...] [--uses N] [--hours N]"
                                        + " [--seed-spore FILE]",
                                "Make a ticket for a new member",
                                0,
                                0)
                        .valued("--access", "--roles", "--labels", "--uses", "--hours", "--seed-spore"),
                Command.of(
                                "join",
                                "TICKET | --ticket-file FILE | --seed-spore FILE-OR-URL [--name NAME]; - is the"
                                        + " standard input",
                                "Join the network of a ticket",
                                0,
                                1)
                        .valued("--seed-spore", "--ticket-file", "--name"),
                Command.of("leave", "", "Forget the network", 0, 0),
                Command.of("members", "", "Who belongs to the network", 0, 0),
                Command.of("revoke", "NAME", "Take a membership back", 1, 1),
                Command.of("readmit", "NAME PEER", "Let a revoked member in again, under another key", 2, 2),
                Command.of("rotate-key", "[--code FILE|-]", "Give this node another key; it starts again at once", 0, 0)
                        .valued("--code"),
                Command.of("confirm", "NAME", "Say that a member's present key is the right one", 1, 1),
                Command.of("recover", "NAME PEER", "Say that a member lost its key, and has another one", 2, 2),
                Command.of(
                                "audit",
                                "[--check]",
                                "What was done to the network from this node; whether the others heard the same",
                                0,
                                0)
                        .flags("--check"));
    }

    @Override
    public CommandList commands() {
        return CommandList.of("network", all())
                .allow(Access.READ_ONLY, "members", "audit")
                .usesKey(
                        "init",
                        "recover-network",
                        "alone",
                        "invite",
                        "join",
                        "leave",
                        "revoke",
                        "readmit",
                        "rotate-key",
                        "confirm",
                        "recover")
                .localOnly("genesis");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "init" -> init(a);
            case "invite" -> invite(a);
            case "join" -> join(a);
            case "leave" -> leave();
            case "members" -> members();
            case "recover-network" -> recoverNetwork(a);
            case "genesis" -> genesis(a.word(0));
            case "alone" -> alone();
            case "revoke" -> revoke(a.word(0));
            case "readmit" -> readmit(a.word(0), a.word(1, PeerId::parse));
            case "rotate-key" -> rotateKey(a);
            case "confirm" -> confirm(a.word(0));
            case "recover" -> recover(a.word(0), a.word(1, PeerId::parse));
            case "audit" -> audit(a.has("--check"));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private Object init(Arguments arguments) throws Exception {
        String name = arguments.option("--network-name", arguments.word(0, ""));
        if (name.isEmpty()) {
            throw new UsageException("A network needs a name: network init NAME");
        }
        boolean recovery = !arguments.has("--no-recovery");
        String file = arguments.option("--recovery-file", "");
        // Before the network is there, so that its codes do not get lost for a typing error.
        Path codes = file.isEmpty() ? null : NetworkArguments.ownersFile(Path.of(file));
        NetworkIdentity.Founding founding = identity.init(name, recovery);
        Map<String, Object> values = describe(founding.network());
        if (!recovery) {
            values.put("recovery", "none: who gets this node's key has the network, for good");
        } else if (codes != null) {
            Files.write(codes, founding.codes());
            values.put("recovery codes", "in %s; keep them off this machine".formatted(codes.toAbsolutePath()));
        } else {
            values.put("recovery codes", founding.codes());
            values.put(
                    "recovery",
                    "write them down, each at another place: two of this node and the codes amend the charter");
        }
        return Table.single(values);
    }

    private static Map<String, Object> describe(Network network) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("network", network.name());
        values.put("id", network.id());
        values.put("created", network.created().toString());
        return values;
    }

    private Object recoverNetwork(Arguments arguments) throws Exception {
        Network network = identity.recoverNetwork(
                Files.readAllBytes(Path.of(arguments.word(0))),
                arguments.word(1, Multiaddr::parse),
                arguments.option("--name", "recovered"),
                NetworkArguments.codes(arguments));
        return "This node is an operator of %s, beside the lost one: take that out with `network charter remove`."
                .formatted(network.name());
    }

    private Object genesis(String file) throws Exception {
        Files.write(Path.of(file), identity.genesis());
        return "Written to %s; keep it with the recovery codes.".formatted(file);
    }

    private Object alone() throws Exception {
        identity.alone();
        return "This node speaks without having compared with another one.";
    }

    private Object invite(Arguments arguments) throws Exception {
        String ticket = identity.invite(new Invitation(
                Access.parse(arguments.option("--access", "standard")),
                NetworkArguments.list(arguments.option("--roles", "hypha")),
                NetworkArguments.labels(arguments.option("--labels", "")),
                arguments.number("--uses", 1),
                Duration.ofHours(arguments.number("--hours", 24))));
        String file = arguments.option("--seed-spore", "");
        if (file.isEmpty()) {
            return ticket;
        }
        Files.writeString(Path.of(file), ticket + "\n");
        return "Written to %s; `network join --seed-spore` reads it from there or from a web server.".formatted(file);
    }

    private Object join(Arguments arguments) throws Exception {
        String ticket = ticket(arguments);
        if (ticket.isBlank()) {
            throw new UsageException(
                    "To join takes a ticket: network join TICKET, or --ticket-file FILE, or --seed-spore FILE-OR-URL");
        }
        String self = host.id().toString();
        return Table.single(describe(identity.join(
                ticket, arguments.option("--name", "node-" + self.substring(self.length() - 6)))));
    }

    private static String ticket(Arguments arguments) throws IOException {
        String seed = arguments.option("--seed-spore", "");
        if (!seed.isEmpty()) {
            return read(seed);
        }
        String file = arguments.option("--ticket-file", "");
        if (!file.isEmpty()) {
            return arguments.firstLineOf(file);
        }
        return arguments.word(0, "").equals("-") ? arguments.firstLineOf("-") : arguments.word(0, "");
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

    private Object leave() throws Exception {
        identity.leave();
        return "This node belongs to no network now.";
    }

    private Object members() {
        Table table = Table.of("name", "peer", "access", "roles", "labels", "issued", "state", "former keys");
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
                    m.revoked() ? "revoked" : "member",
                    m.formerKeys().stream().map(PeerId::toString).toList());
        }
        return table;
    }

    private Object revoke(String name) throws Exception {
        identity.revoke(NetworkArguments.anyMember(identity, name).peer());
        return name + " is no member any more.";
    }

    private Object readmit(String name, PeerId next) throws Exception {
        Member member = NetworkArguments.anyMember(identity, name);
        return said(identity.readmit(member.peer(), next));
    }

    private Object rotateKey(Arguments arguments) throws Exception {
        PeerId next = identity.rotateKey(NetworkArguments.codes(arguments));
        NodeEnd.restart(context);
        return ("The network knows this node as %s from now on. Restarting. Have an operator say `network confirm` for"
                        + " it: until then who has the old key can lock this node out.")
                .formatted(next);
    }

    private Object confirm(String name) throws Exception {
        return said(identity.confirm(NetworkArguments.anyMember(identity, name).peer()));
    }

    private Object recover(String name, PeerId next) throws Exception {
        return said(identity.recover(NetworkArguments.anyMember(identity, name).peer(), next));
    }

    private Object said(Statement said) {
        return NetworkArguments.said(statements, said.kind(), said.key());
    }

    private Object audit(boolean check) throws Exception {
        if (check) {
            Table table = Table.of("member", "entries", "state");
            identity.checkAudit()
                    .forEach(w -> table.row(w.member(), w.entries(), w.agrees() ? "agrees" : "THE LOG WAS REWRITTEN"));
            return table;
        }
        Table table = Table.of("number", "time", "who", "key", "action", "details", "outcome", "hash");
        identity.audit().forEach(e -> {
            NetworkIdentity.Deed d = e.deed();
            table.row(e.number(), e.time(), d.actor(), d.fingerprint(), d.action(), d.details(), d.outcome(), e.hash());
        });
        return table;
    }
}
