package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.Director;
import network.mycelium.identity.Network;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.libp2p.Host;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Shown;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.node.health.HealthCheck;
import network.mycelium.repository.RepositoryIndex;
import network.mycelium.shell.provider.health.NodeHealth;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `node:` commands that look after the node: what could be wrong, leave it alone for a while.
@Component(service = CommandGroup.class)
public final class CareCommands implements CommandGroup {
    private static final int LOG_LINES = 50;

    private final BundleContext context;
    private final HealthCommands health;

    // Whatever is missing is what one looks for.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile ComponentManager manager;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile RepositoryIndex indexes;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile NetworkIdentity identity;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Host host;

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile Director director;

    @Activate
    public CareCommands(BundleContext context, @Reference HealthCommands health) {
        this.context = context;
        this.health = health;
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                "node",
                List.of(
                        Command.of("diagnostics", "", "What one needs to know to find a fault", 0, 0),
                        Command.of(
                                "maintenance",
                                "[MINUTES | off]",
                                "Have others take over, and load and update nothing here for a while",
                                0,
                                1)));
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "diagnostics" -> diagnostics();
            case "maintenance" -> maintenance(a.word(0, ""));
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private Object diagnostics() throws IOException, InterruptedException {
        Map<String, Object> values = new LinkedHashMap<>();
        Optional<Host> peer = Optional.ofNullable(host);
        values.put("peer", peer.map(h -> h.id().toString()).orElse(""));
        values.put(
                "network name",
                Optional.ofNullable(identity)
                        .flatMap(NetworkIdentity::network)
                        .map(Network::name)
                        .orElse(""));
        values.put(
                "java",
                Runtime.version() + " on " + System.getProperty("os.name") + " " + System.getProperty("os.version"));
        values.put("processors", Runtime.getRuntime().availableProcessors());
        values.put("heap limit bytes", Runtime.getRuntime().maxMemory());
        values.put("threads", ManagementFactory.getThreadMXBean().getThreadCount());
        values.put("connections", peer.map(h -> h.connections().size()).orElse(0));
        values.put("maintenance", until());
        for (NodeHealth.Result result : health.results()) {
            HealthCheck.Finding found = result.finding();
            values.put(
                    result.check(),
                    found.problems().isEmpty()
                            ? found.detail()
                            : found.problems().stream()
                                    .map(HealthCheck.Problem::problem)
                                    .toList());
        }
        values.put(
                "running",
                Optional.ofNullable(manager).map(ComponentManager::components).orElse(List.of()).stream()
                        .map(c -> "%s %s %s %s"
                                .formatted(c.name(), c.version(), c.state(), c.problem())
                                .strip())
                        .toList());
        values.put(
                "sources with problems",
                Optional.ofNullable(indexes).map(RepositoryIndex::sources).orElse(List.of()).stream()
                        .filter(s -> !s.problem().isEmpty())
                        .map(s -> s.location() + ": " + s.problem())
                        .toList());
        List<String> grave = new ArrayList<>();
        for (String line : Files.readAllLines(home().resolve("log/node.0.log"))) {
            if (line.contains(" WARNING ") || line.contains(" SEVERE ") || line.contains(" ERROR ")) {
                grave.add(line);
            }
        }
        values.put("log", grave.subList(Math.max(0, grave.size() - LOG_LINES), grave.size()));
        return Table.single(values);
    }

    private Path home() {
        return Path.of(context.getProperty("mycelium.home"));
    }

    private Optional<Instant> until() {
        Director directs = director;
        Host self = host;
        return directs == null || self == null
                ? Optional.empty()
                : directs.nodes().stream()
                        .filter(node -> node.peer().equals(self.id().toString()))
                        .flatMap(node -> node.maintenance().stream())
                        .findFirst();
    }

    private Object maintenance(String duration) throws Exception {
        Director directs = NetworkArguments.needed(director);
        if (duration.isEmpty()) {
            return maintained(until(), "");
        }
        if (duration.equals("off")) {
            directs.maintain(Optional.empty());
            return new Shown("The node takes part again.", Map.of("maintenance", Optional.empty()));
        }
        long minutes;
        try {
            minutes = Long.parseUnsignedLong(duration);
        } catch (NumberFormatException e) {
            throw new UsageException("Maintenance takes a number of minutes, or off, not " + duration, e);
        }
        Instant end = Instant.now().plus(Duration.ofMinutes(minutes));
        directs.maintain(Optional.of(end));
        return maintained(Optional.of(end), " `node maintenance off` ends it.");
    }

    private static Shown maintained(Optional<Instant> until, String more) {
        return new Shown(
                until.map(end -> "In maintenance until " + end + "." + more).orElse("Not in maintenance."),
                Map.of("maintenance", until));
    }
}
