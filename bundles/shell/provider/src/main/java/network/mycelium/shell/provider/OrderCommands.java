package network.mycelium.shell.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.mycelium.identity.Member;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Shown;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.shell.CommandLine;
import network.mycelium.shell.Orders;
import network.mycelium.shell.Orders.Order;
import network.mycelium.shell.Orders.Outcome;
import network.mycelium.shell.RemoteShell;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `network:` commands on other nodes: one command on one node, and orders for many.
@Component(service = CommandGroup.class)
public final class OrderCommands implements CommandGroup {
    private static final int PATIENCE_SECONDS = 10;
    private static final Pattern DONE = Pattern.compile("exit \\d{1,10} at (\\d{4}-\\d\\d-\\d\\dT[0-9:.]{5,20}Z)");

    private final NetworkIdentity identity;
    private final Commands commands;

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile RemoteShell remote;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Orders orders;

    @Activate
    public OrderCommands(BundleContext context, @Reference NetworkIdentity identity) {
        this.identity = identity;
        this.commands = new Commands(context);
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "network",
                        List.of(
                                Command.of(
                                        "on",
                                        "NODE COMMAND... | NODE 'COMMAND --WITH-OPTIONS'",
                                        "Run a command on another node; what is allowed there, your certificate says",
                                        2,
                                        1000),
                                Command.of(
                                                "order",
                                                "'COMMAND' [--nodes N,...] [--roles R,...] [--labels K=V,...] [--seconds N]",
                                                "Have nodes run a command once, before a deadline",
                                                1,
                                                1)
                                        .valued("--nodes", "--roles", "--labels", "--seconds"),
                                Command.of("orders", "", "Orders that hold", 0, 0),
                                Command.of("outcome", "ORDER", "What became of an order on this node", 1, 1),
                                Command.of("outcomes", "ORDER", "What became of an order on each node", 1, 1)))
                .allow(Access.READ_ONLY, "orders")
                .usesKey("on", "order", "outcomes");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "on" -> on(a, out);
            case "order" -> order(a, out);
            case "orders" -> orders();
            case "outcome" -> outcome(a.word(0));
            case "outcomes" -> outcomes(a.word(0));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private PeerId node(String nameOrPeer) {
        return NetworkArguments.member(identity, nameOrPeer);
    }

    private Object on(Arguments arguments, PrintStream out) throws Exception {
        List<String> words = arguments.words().subList(1, arguments.words().size());
        var error = new ByteArrayOutputStream();
        int exit = NetworkArguments.needed(remote)
                .run(node(arguments.word(0)), command(words, arguments.has("--json")), out, error);
        String problem = error.toString(StandardCharsets.UTF_8).strip();
        if (exit != 0) {
            // Whatever else a member may send, there are two kinds of failure.
            throw new CommandFailure(
                    exit == UsageException.EXIT ? exit : CommandFailure.EXIT, arguments.word(0) + ": " + problem, null);
        }
        return problem.isEmpty() ? null : problem;
    }

    private static List<String> command(List<String> words, boolean json) {
        List<String> command = new ArrayList<>(words.size() == 1 ? CommandLine.words(words.getFirst()) : words);
        if (json) {
            command.add("--json");
        }
        return command;
    }

    private Object order(Arguments arguments, PrintStream out) throws Exception {
        List<String> command = CommandLine.words(arguments.word(0));
        // What no node would do is found out here, not on all of them. They may have commands that this one has not.
        commands.find(command)
                .map(Commands.Called::command)
                .filter(c -> !c.remote())
                .ifPresent(c -> {
                    throw new IllegalArgumentException(
                            "%s is given in each node's own shell only, not by an order.".formatted(c.name()));
                });
        Order given = NetworkArguments.needed(orders)
                .give(
                        command,
                        NetworkArguments.list(arguments.option("--nodes", "")).stream()
                                .map(this::node)
                                .toList(),
                        NetworkArguments.list(arguments.option("--roles", "")),
                        NetworkArguments.labels(arguments.option("--labels", "")),
                        Duration.ofSeconds(arguments.number("--seconds", 3600)));
        boolean holds = orders.orders().stream().anyMatch(o -> o.id().equals(given.id()));
        if (!arguments.has("--json")
                && command.stream().anyMatch(word -> !Secrets.hide(word).equals(word))) {
            out.println("Every member can read an order, and with it the secrets in this one.");
        }
        String text = holds
                ? "Ordered, number %s; `network outcomes %s` tells what became of it."
                : "Proposed, number %s; other operators sign it with `network approve order %s`.";
        return new Shown(
                text.formatted(given.id(), given.id()),
                Map.of("number", given.id(), "holds", holds, "deadline", given.deadline()));
    }

    private Object orders() {
        Table table = Table.of("number", "command", "nodes", "roles", "labels", "given", "deadline", "signers");
        for (Order o : NetworkArguments.needed(orders).orders()) {
            table.row(
                    o.id(),
                    Secrets.hide(o.command()),
                    o.nodes().stream().map(this::name).toList(),
                    o.roles(),
                    new TreeMap<>(o.labels())
                            .entrySet().stream().map(Object::toString).toList(),
                    o.given(),
                    o.deadline(),
                    o.signers().stream().map(this::name).toList());
        }
        return table;
    }

    private String name(PeerId peer) {
        return identity.member(peer).map(Member::name).orElse(peer.toString());
    }

    private Object outcome(String id) {
        Outcome outcome = NetworkArguments.needed(orders)
                .outcome(id)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Nothing is known here of what became of order %s; `network orders` shows those that hold."
                                .formatted(id)));
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("exit", outcome.exit());
        data.put("done", outcome.done());
        data.put("output", outcome.output());
        return new Shown(
                "exit %d at %s%n%s"
                        .formatted(
                                outcome.exit(), outcome.done(), outcome.output().stripTrailing()),
                data);
    }

    /// Past its deadline an order is not there any more; who did it still knows.
    private Object outcomes(String id) throws InterruptedException {
        Optional<Order> order = NetworkArguments.needed(orders).orders().stream()
                .filter(o -> o.id().equals(id))
                .findFirst();
        List<PeerId> concerned = order.map(orders::concerned)
                .orElseGet(() -> identity.members().stream()
                        .filter(m -> !m.revoked())
                        .map(Member::peer)
                        .toList());
        Map<String, CompletableFuture<String>> asked = new TreeMap<>();
        for (PeerId peer : concerned) {
            var answer = new CompletableFuture<String>();
            asked.put(name(peer) + "\n" + peer, answer);
            Thread.ofVirtual().name("outcome of " + peer).start(() -> answer.complete(ask(peer, id)));
        }
        Table table = Table.of("node", "outcome", "done", "output");
        for (Map.Entry<String, CompletableFuture<String>> entry : asked.entrySet()) {
            String[] answer = answer(entry.getValue()).split("\\R", 2);
            Optional<Instant> done = done(answer[0]);
            if (order.isPresent() || done.isPresent()) {
                table.row(
                        entry.getKey().split("\n", 2)[0],
                        done.isPresent() ? answer[0].split(" at ", 2)[0] : answer[0],
                        done,
                        answer.length == 2 ? answer[1] : "");
            }
        }
        if (order.isEmpty() && table.rows().isEmpty()) {
            throw new IllegalArgumentException(
                    "There is no order %s, and no member that is heard knows what became of it; `network orders` shows those that hold."
                            .formatted(id));
        }
        return table;
    }

    /// When an order was done, from what a member says of it, which may be anything.
    private static Optional<Instant> done(String answer) {
        Matcher done = DONE.matcher(answer);
        try {
            return done.matches() ? Optional.of(Instant.parse(done.group(1))) : Optional.empty();
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static String answer(CompletableFuture<String> asked) throws InterruptedException {
        try {
            return asked.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return "does not answer";
        }
    }

    private String ask(PeerId peer, String id) {
        var out = new ByteArrayOutputStream();
        try {
            if (remote.run(peer, List.of("network", "outcome", id), out, java.io.OutputStream.nullOutputStream())
                    != 0) {
                return "not done yet";
            }
            return out.toString(StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "not reached: " + e.getMessage();
        }
    }
}
