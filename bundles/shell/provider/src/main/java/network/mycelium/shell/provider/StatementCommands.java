package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Statement;
import network.mycelium.identity.Statements;
import network.mycelium.libp2p.Host;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// What operators sign together: `network:proposals`, `approve`, `fallen`, `endorse`.
@Component(service = CommandGroup.class)
public final class StatementCommands implements CommandGroup {
    private final NetworkIdentity identity;

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    volatile Statements statements;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    volatile Host host;

    @Activate
    public StatementCommands(@Reference NetworkIdentity identity) {
        this.identity = identity;
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "network",
                        List.of(
                                Command.of("proposals", "", "What waits for more signatures", 0, 0),
                                Command.of("approve", "KIND KEY", "Sign a proposal", 2, 2),
                                Command.of(
                                        "export-proposal",
                                        "KIND KEY FILE",
                                        "Write what waits or holds to a file, for a node that is not connected",
                                        3,
                                        3),
                                Command.of("import-proposal", "FILE", "Take what was exported on another node", 1, 1),
                                Command.of("fallen", "", "What held until a charter took its signers' word away", 0, 0),
                                Command.of(
                                                "endorse",
                                                "KIND KEY | --signed-by NAME-OR-PEER",
                                                "Stand by what another operator said, one thing or all of it",
                                                0,
                                                2)
                                        .valued("--signed-by")))
                .allow(Access.READ_ONLY, "proposals", "fallen")
                .usesKey("endorse", "approve")
                .localOnly("export-proposal", "import-proposal");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        Statements said = NetworkArguments.needed(statements);
        return switch (command) {
            case "proposals" -> table(said.proposals());
            case "fallen" -> table(said.fallen());
            case "approve" -> approve(said, a.word(0), a.word(1));
            case "endorse" -> a.has("--signed-by") ? endorseAll(said, a.option("--signed-by", "")) : endorse(said, a);
            case "export-proposal" -> export(said, a);
            case "import-proposal" -> table(said.take(Files.readAllBytes(Path.of(a.word(0)))));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private static Table table(List<Statement> all) {
        Table table = Table.of("kind", "key", "number", "signers");
        for (Statement s : all) {
            table.row(
                    s.kind(),
                    s.key(),
                    s.sequence(),
                    s.signers().stream().map(PeerId::toString).toList());
        }
        return table;
    }

    private static Object approve(Statements said, String kind, String key) throws Exception {
        said.approve(kind, key);
        return NetworkArguments.waits(said, kind, key) ? "Signed; others must sign as well." : "Signed; it holds now.";
    }

    private static Object endorse(Statements said, Arguments a) throws Exception {
        if (a.word(1, "").isEmpty()) {
            throw new UsageException("Say what is endorsed: KIND KEY, or --signed-by NAME-OR-PEER.");
        }
        Statement statement = said.endorse(a.word(0), a.word(1));
        return NetworkArguments.said(said, statement.kind(), statement.key());
    }

    /// Certificates stay the operators' own decisions, one at a time. What cannot be endorsed stops nothing else.
    private Object endorseAll(Statements said, String who) throws Exception {
        PeerId signer = NetworkArguments.signer(identity, who);
        int endorsed = 0;
        List<String> refused = new ArrayList<>();
        for (Statement statement : said.signedBy(signer)) {
            boolean certificate =
                    statement.kind().equals("member") || statement.kind().equals("renewal");
            if (certificate || statement.signers().stream().anyMatch(this::isSelf)) {
                continue;
            }
            try {
                said.endorse(statement.kind(), statement.key());
                endorsed++;
            } catch (IdentityException e) {
                refused.add("%s %s: %s".formatted(statement.kind(), statement.key(), e.getMessage()));
            }
        }
        String done = "%d statements that %s signed are endorsed.".formatted(endorsed, who);
        if (!refused.isEmpty()) {
            throw new IllegalStateException(
                    "%s %d are not:\n%s".formatted(done, refused.size(), String.join("\n", refused)));
        }
        return done;
    }

    private boolean isSelf(PeerId peer) {
        Host there = host;
        return there != null && there.id().equals(peer);
    }

    private static Object export(Statements said, Arguments a) throws Exception {
        Files.write(Path.of(a.word(2)), said.export(a.word(0), a.word(1)));
        return "Written to %s; `network import-proposal` takes it on the other node.".formatted(a.word(2));
    }
}
