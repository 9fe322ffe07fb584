package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Shown;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.shell.provider.settings.Settings;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `node:` the node itself.
@Component(service = CommandGroup.class)
public final class NodeCommands implements CommandGroup {
    /// As the log names those that are as grave or graver.
    private static final Map<String, Set<String>> LEVELS = new LinkedHashMap<>();

    private static final Pattern LOGGED = Pattern.compile("\\S+ (SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST) ");

    static {
        LEVELS.put("error", Set.of("SEVERE"));
        LEVELS.put("warning", Set.of("SEVERE", "WARNING"));
        LEVELS.put("info", Set.of("SEVERE", "WARNING", "INFO"));
        LEVELS.put("debug", Set.of("SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST"));
    }

    private final BundleContext context;
    private final NodeSettings settings;

    // A node without it is mended by these commands.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile ComponentManager manager;

    @Activate
    public NodeCommands(BundleContext context, @Reference Settings settings) {
        this.context = context;
        this.settings = new NodeSettings(settings);
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "node",
                        List.of(
                                Command.of("status", "", "This node in short", 0, 0),
                                Command.of(
                                                "config",
                                                "[PID [KEY=VALUE...] [--value-file KEY=FILE]]",
                                                "Show settings and what they mean, or change them; KEY= removes one; a secret comes from a file, or - for the standard input",
                                                0,
                                                100)
                                        .valued("--value-file"),
                                Command.of("log", "[--lines N] [--level LEVEL]", "The end of the log", 0, 0)
                                        .valued("--lines", "--level"),
                                Command.of("stop", "", "Stop the node", 0, 0),
                                Command.of("restart", "", "Stop and start the node, in the same process", 0, 0)))
                .allow(Access.READ_ONLY, "status");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "status" -> status();
            case "config" -> config(a, out);
            case "log" -> log(a);
            case "stop" -> stop();
            case "restart" -> restart();
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private Object status() throws IOException {
        ComponentManager there = manager;
        Runtime runtime = Runtime.getRuntime();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("home", context.getProperty("mycelium.home"));
        values.put("process", ProcessHandle.current().pid());
        values.put("core", context.getProperty("mycelium.core.version"));
        values.put("java", Runtime.version().toString());
        values.put(
                "uptime seconds",
                (System.currentTimeMillis() - Long.parseLong(context.getProperty("mycelium.start"))) / 1000);
        values.put("bundles", context.getBundles().length);
        if (there == null) {
            values.put("components", "their manager does not run: `node log` tells why");
        } else {
            List<ComponentStatus> components = there.components();
            values.put("components", components.size());
            values.put(
                    "active components",
                    components.stream()
                            .filter(c -> c.state() == ComponentStatus.State.ACTIVE)
                            .count());
        }
        values.put("heap used bytes", runtime.totalMemory() - runtime.freeMemory());
        values.put("heap limit bytes", runtime.maxMemory());
        values.put("resident bytes", residentBytes());
        return Table.single(values);
    }

    /// From Linux's `/proc`; 0 where there is none.
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return 0;
    }

    private Object config(Arguments arguments, PrintStream out) throws IOException {
        String pid = arguments.word(0, "");
        Table table = pid.isEmpty() ? settings.all() : config(pid, arguments, out);
        if (!arguments.has("--json")) {
            // The table has room for the beginning only.
            settings.problems(pid).forEach(problem -> out.println("problem: " + problem.text()));
        }
        return table;
    }

    private Table config(String pid, Arguments arguments, PrintStream out) throws IOException {
        List<String> changes =
                new ArrayList<>(arguments.words().subList(1, arguments.words().size()));
        String[] secret = arguments.option("--value-file", "").split("=", 2);
        if (secret.length == 2) {
            changes.add(secret[0] + "=" + arguments.firstLineOf(secret[1]));
        } else if (arguments.has("--value-file")) {
            throw new UsageException("--value-file takes KEY=FILE");
        }
        if (changes.isEmpty()) {
            return settings.of(pid);
        }
        Table table = settings.change(pid, changes);
        if (!settings.isDescribed(pid) && !arguments.has("--json")) {
            out.println("No installed bundle has settings called " + pid + ": they are kept until one does.");
        }
        return table;
    }

    private Object log(Arguments arguments) throws IOException {
        int lines = Math.max(0, arguments.number("--lines", 20));
        String level = arguments.option("--level", "debug").toLowerCase(Locale.ROOT);
        if (!LEVELS.containsKey(level)) {
            throw new UsageException("--level takes " + String.join(", ", LEVELS.keySet()) + ", not " + level + ".");
        }
        List<String> kept = new ArrayList<>();
        // The lines of a stack trace are of the line before.
        boolean grave = false;
        for (String line : Files.readAllLines(Path.of(context.getProperty("mycelium.home"), "log", "node.0.log"))) {
            Matcher begins = LOGGED.matcher(line);
            if (begins.lookingAt()) {
                grave = LEVELS.get(level).contains(begins.group(1));
            }
            if (grave) {
                kept.add(line);
            }
        }
        List<String> end = kept.subList(Math.max(0, kept.size() - lines), kept.size());
        return new Shown(String.join("\n", end), end);
    }

    private Object restart() throws IOException {
        NodeEnd.restart(context);
        return "Restarting.";
    }

    private Object stop() {
        NodeEnd.stop(context);
        return "Stopping.";
    }
}
