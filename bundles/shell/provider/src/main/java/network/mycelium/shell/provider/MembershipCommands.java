package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import network.mycelium.identity.Member;
import network.mycelium.identity.Member.Access;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.NetworkIdentity.Invitation;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `network:` who is in the network that this node belongs to, by which keys, and what is signed there.
@Component(service = MembershipCommands.class, immediate = true)
public final class MembershipCommands {
    private static final int MAX_SEED = 64 * 1024;
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final BundleContext context;
    private final NetworkIdentity identity;
    private final Host host;
    private final CommandGroup group;

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Statements statements;

    @Activate
    public MembershipCommands(BundleContext context, @Reference NetworkIdentity identity, @Reference Host host) {
        this.context = context;
        this.identity = identity;
        this.host = host;
        this.group = new CommandGroup("network", this::run, commands().toList())
                .allow(Access.READ_ONLY, "members", "audit", "proposals")
                .usesKey("init", "invite", "join", "leave", "revoke", "rotate-key", "recover", "approve")
                .register(context);
    }

    private Stream<ShellCommand> commands() {
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
                                "TICKET | --ticket-file FILE | --seed-spore FILE-OR-URL [--name NAME]; - is the standard input",
                                "Join the network of a ticket",
                                0,
                                1)
                        .valued("--seed-spore", "--ticket-file", "--name"),
                ShellCommand.of("leave", "", "Forget the network", 0, 0),
                ShellCommand.of("members", "", "Who belongs to the network", 0, 0),
                ShellCommand.of("revoke", "PEER", "Take a membership back", 1, 1),
                ShellCommand.of("rotate-key", "", "Give this node another key; it starts again at once", 0, 0),
                ShellCommand.of("recover", "MEMBER PEER", "Say that a member lost its key, and has another one", 2, 2),
                ShellCommand.of("proposals", "", "What waits for more signatures", 0, 0),
                ShellCommand.of("approve", "KIND KEY", "Sign a proposal", 2, 2),
                ShellCommand.of(
                                "audit",
                                "[--check]",
                                "What was done to the network from this node; whether the others heard the same",
                                0,
                                0)
                        .flags("--check"));
    }

    private Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "init" -> init(a);
            case "invite" -> invite(a);
            case "join" -> join(a);
            case "leave" -> leave();
            case "members" -> members();
            case "revoke" -> revoke(a.word(0));
            case "rotate-key" -> rotateKey();
            case "recover" -> recover(a.word(0), a.word(1));
            case "proposals" -> proposals();
            case "approve" -> approve(a.word(0), a.word(1));
            case "audit" -> audit(a.has("--check"));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    @Deactivate
    void deactivate() {
        group.close();
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
                NetworkArguments.access(arguments.option("--access", "standard")),
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
            throw new IllegalArgumentException(
                    "To join takes a ticket: network join TICKET, or --ticket-file FILE, or --seed-spore FILE-OR-URL");
        }
        String self = host.id().toString();
        return describe(identity.join(ticket, arguments.option("--name", "node-" + self.substring(self.length() - 6))));
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

    private Object revoke(String peer) throws Exception {
        identity.revoke(PeerId.parse(peer));
        return peer + " is no member any more.";
    }

    private Object rotateKey() throws Exception {
        PeerId next = identity.rotateKey();
        NodeEnd.restart(context);
        return "The network knows this node as %s from now on. Restarting.".formatted(next);
    }

    private Object recover(String member, String next) throws Exception {
        // A key that a thief made the successor has nothing to say if the one before it is named.
        PeerId lost = identity.members().stream()
                .flatMap(Member::keys)
                .filter(key -> key.toString().equals(member))
                .findFirst()
                .orElseGet(() -> NetworkArguments.member(identity, member));
        Statement said = identity.recover(lost, PeerId.parse(next));
        return NetworkArguments.said(statements, said.kind(), said.key());
    }

    private Object proposals() {
        Table table = Table.of("kind", "key", "number", "signers");
        for (Statement s : NetworkArguments.needed(statements).proposals()) {
            table.row(
                    s.kind(),
                    s.key(),
                    s.sequence(),
                    s.signers().stream().map(PeerId::toString).toList());
        }
        return table;
    }

    private Object approve(String kind, String key) throws Exception {
        NetworkArguments.needed(statements).approve(kind, key);
        return NetworkArguments.waits(statements, kind, key)
                ? "Signed; others must sign as well."
                : "Signed; it holds now.";
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
