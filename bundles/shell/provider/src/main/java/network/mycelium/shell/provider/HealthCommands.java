package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.Director;
import network.mycelium.identity.Charters;
import network.mycelium.identity.Presence;
import network.mycelium.libp2p.Host;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.TerminalText;
import network.mycelium.node.health.HealthCheck;
import network.mycelium.shell.provider.health.CharterCheck;
import network.mycelium.shell.provider.health.ComponentsCheck;
import network.mycelium.shell.provider.health.DatabaseCheck;
import network.mycelium.shell.provider.health.HeapCheck;
import network.mycelium.shell.provider.health.HomeCheck;
import network.mycelium.shell.provider.health.ListenCheck;
import network.mycelium.shell.provider.health.NetworkCheck;
import network.mycelium.shell.provider.health.NodeHealth;
import network.mycelium.shell.provider.health.NodeHealth.Result;
import network.mycelium.shell.provider.health.SettingsCheck;
import network.mycelium.shell.provider.settings.Settings;
import network.mycelium.storage.Database;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `node health`. It takes nothing of the node for granted, so that it is there when all else is broken.
@Component(service = {CommandGroup.class, HealthCommands.class})
public final class HealthCommands implements CommandGroup {
    private static final String LIBP2P = "network.mycelium.libp2p";
    private static final String STORAGE = "network.mycelium.storage";

    private final Settings settings;
    private final Path home;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile ComponentManager manager;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Director director;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Host host;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Database database;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Charters charters;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Presence presence;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<HealthCheck> brought;

    @Activate
    public HealthCommands(BundleContext context, @Reference Settings settings) {
        this.settings = settings;
        this.home = Path.of(context.getProperty("mycelium.home"));
    }

    private String peer() {
        Host there = host;
        return there == null ? "" : there.id().toString();
    }

    private List<String> set(String pid, String key) {
        return switch (settings.all().getOrDefault(pid, java.util.Map.of()).get(key)) {
            case null -> List.of();
            case List<?> several -> several.stream().map(String::valueOf).toList();
            case Object one -> List.of(one.toString());
        };
    }

    /// Made when they are asked: a boot loads no class of theirs.
    private Stream<HealthCheck> own() {
        return Stream.of(
                new ComponentsCheck(() -> manager),
                new HeapCheck(),
                new HomeCheck(home),
                new SettingsCheck(settings),
                new DatabaseCheck(
                        home, () -> database, () -> !set(STORAGE, "url").isEmpty()),
                new ListenCheck(home, () -> host, () -> set(LIBP2P, "listen")),
                new NetworkCheck(() -> director, this::peer),
                new CharterCheck(() -> charters, () -> presence, this::peer, InstantSource.system()));
    }

    /// What all checks find now.
    List<Result> results() throws InterruptedException {
        List<HealthCheck> others = brought;
        return NodeHealth.of(Stream.concat(own(), others == null ? Stream.of() : others.stream())
                .toList());
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "node",
                        List.of(Command.of(
                                "health",
                                "",
                                "What is wrong with the node, and what to do; fails if anything is",
                                0,
                                0)))
                .allow(Access.READ_ONLY, "health");
    }

    @Override
    public Object run(String command, Arguments arguments, PrintStream out) throws InterruptedException {
        List<Result> results = results();
        Table table = Table.of("check", "well", "problem", "do", "detail");
        List<String> problems = new ArrayList<>();
        for (Result result : results) {
            String detail = result.finding().detail();
            if (result.finding().problems().isEmpty()) {
                table.row(result.check(), true, "", "", detail);
            }
            for (HealthCheck.Problem one : result.finding().problems()) {
                table.row(result.check(), false, one.problem(), one.remedy(), detail);
                problems.add(TerminalText.line("problem: %s; do: %s".formatted(one.problem(), one.remedy())));
            }
        }
        if (problems.isEmpty()) {
            return arguments.has("--json") ? table : shortened(results);
        }
        if (arguments.has("--json")) {
            out.println(table.json());
            throw new IllegalStateException("The node is not well.");
        }
        throw new IllegalStateException("The node is not well.\n" + String.join("\n", problems));
    }

    private static Table shortened(List<Result> results) {
        Table table = Table.of("check", "well", "detail");
        results.forEach(
                result -> table.row(result.check(), true, result.finding().detail()));
        return table;
    }
}
