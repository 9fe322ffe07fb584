package network.mycelium.shell.provider;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentHistory;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Plan;
import network.mycelium.node.command.Access;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.repository.RepositoryIndex;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `component:` what runs on this node, and why.
@Component(service = CommandGroup.class)
public final class ComponentCommands implements CommandGroup {
    private static final String OPERATOR = "operator";

    private final ComponentManager manager;
    private final RepositoryIndex index;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    private volatile ComponentHistory history;

    @Activate
    public ComponentCommands(@Reference ComponentManager manager, @Reference RepositoryIndex index) {
        this.manager = manager;
        this.index = index;
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "component",
                        List.of(
                                Command.of("list", "", "Components on this node", 0, 0),
                                Command.of("info", "NAME", "One component, loaded or not", 1, 1),
                                Command.of(
                                                "plan",
                                                "load|unload|update|rollback NAME[@VERSIONS]",
                                                "What a change would do, without doing it",
                                                2,
                                                2)
                                        .flags("--force"),
                                change("load", "Load a component and keep it across restarts"),
                                change("unload", "Give a component up; it goes if nobody else needs it"),
                                change("update", "To the newest version, beside the old one until it is ready"),
                                change("rollback", "Back to the version before the last update"),
                                Command.of("why", "NAME", "Who keeps a component loaded", 1, 1),
                                Command.of("history", "[NAME] [--limit N]", "What happened, the newest first", 0, 1)
                                        .valued("--limit"),
                                Command.of("pin", "NAME", "Keep a component loaded and cached, whatever happens", 1, 1),
                                Command.of("unpin", "NAME", "Undo pin", 1, 1)))
                .allow(Access.READ_ONLY, "list", "info", "plan", "why", "history")
                .allow(Access.STANDARD, "load", "unload", "update", "rollback");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        return switch (command) {
            case "load" -> change(Change.Kind.LOAD, a, out);
            case "unload" -> change(Change.Kind.UNLOAD, a, out);
            case "update" -> change(Change.Kind.UPDATE, a, out);
            case "rollback" -> change(Change.Kind.ROLLBACK, a, out);
            case "list" -> list();
            case "info" -> info(ComponentName.at(a, 0));
            case "plan" -> plan(a);
            case "why" -> why(ComponentName.at(a, 0));
            case "history" -> history(a);
            case "pin" -> pin(ComponentName.at(a, 0), true);
            case "unpin" -> pin(ComponentName.at(a, 0), false);
            default -> throw new IllegalArgumentException("There is no command " + command);
        };
    }

    private static Command change(String name, String summary) {
        return Command.of(name, "NAME[@VERSIONS] [--dry-run] [--force]", summary, 1, 1)
                .flags("--dry-run", "--force");
    }

    private Object list() {
        Table table = Table.of("name", "version", "state", "holders", "bundles", "problem");
        for (ComponentStatus c : manager.components()) {
            table.row(c.name(), c.version(), c.state(), c.holders(), c.bundles().size(), c.problem());
        }
        return table;
    }

    private List<ComponentStatus> loaded(String name) {
        return manager.components().stream()
                .filter(c -> name.equals(c.name()) || name.equals(c.name() + "@" + c.version()))
                .toList();
    }

    private Object info(String name) throws ComponentException {
        List<ComponentStatus> found = loaded(name);
        if (found.isEmpty()) {
            Plan plan = manager.plan(new Change(Change.Kind.LOAD, name, OPERATOR, false));
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("name", plan.component());
            values.put("version", plan.version());
            values.put("state", "not loaded");
            values.put("would install", plan.install());
            values.put("would fetch bytes", plan.fetchBytes());
            values.put("warnings", plan.warnings());
            return Table.single(values);
        }
        ComponentStatus c = found.get(0);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", c.name());
        values.put("version", c.version());
        values.put("state", c.state());
        values.put("problem", c.problem());
        values.put("holders", c.holders());
        values.put("needed by", c.neededBy());
        values.put("bundles", c.bundles());
        values.put("previous", c.previous());
        values.put(
                "rejected",
                c.rejected().stream().map(r -> r.version() + ": " + r.problem()).toList());
        values.put("offered", offered(c.name()));
        values.put("pinned", c.pinned());
        values.put("restarts", c.restarts());
        return Table.single(values);
    }

    private List<String> offered(String name) {
        return index.search(name).stream()
                .filter(ref -> ref.symbolicName().equals(name)
                        || index.componentOf(ref).filter(name::equals).isPresent())
                .map(ref -> ref.version())
                .toList();
    }

    private Object plan(Arguments arguments) throws Exception {
        Change.Kind kind = switch (arguments.word(0)) {
            case "load" -> Change.Kind.LOAD;
            case "unload" -> Change.Kind.UNLOAD;
            case "update" -> Change.Kind.UPDATE;
            case "rollback" -> Change.Kind.ROLLBACK;
            default -> throw new UsageException("There is no change " + arguments.word(0) + ".");
        };
        return show(manager.plan(new Change(kind, ComponentName.at(arguments, 1), OPERATOR, arguments.has("--force"))));
    }

    private static Table show(Plan plan) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("component", plan.component());
        values.put("version", plan.version());
        values.put("fetch", plan.fetch());
        values.put("fetch bytes", plan.fetchBytes());
        values.put("install", plan.install());
        values.put("keep", plan.keep());
        values.put("stop and remove", plan.stop());
        values.put("free at once", plan.refresh());
        values.put("would restart", plan.restart().isEmpty() ? "none" : plan.restart());
        values.put("warnings", plan.warnings());
        return Table.single(values);
    }

    private Object change(Change.Kind kind, Arguments arguments, PrintStream out) throws ComponentException {
        Plan plan = manager.plan(new Change(kind, ComponentName.at(arguments, 0), OPERATOR, arguments.has("--force")));
        if (arguments.has("--dry-run")) {
            return show(plan);
        }
        boolean quiet = arguments.has("--json");
        if (!quiet) {
            out.println(sentence(plan));
        }
        manager.run(
                plan,
                quiet
                        ? ComponentManager.Progress.NONE
                        : text -> {
                            out.println("  " + text);
                            out.flush();
                        });
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("component", plan.component());
        values.put("version", plan.version());
        values.put("installed", plan.install());
        values.put("removed", plan.stop());
        return quiet ? Table.single(values) : done(plan);
    }

    private static String sentence(Plan plan) {
        if (plan.changesNoBundle()) {
            return "Plan for " + plan.component() + ": no bundle changes.";
        }
        List<String> parts = new ArrayList<>();
        parts.add("fetch " + plan.fetch().size() + " (" + plan.fetchBytes() + " bytes)");
        parts.add("install " + plan.install().size());
        parts.add("remove " + plan.stop().size());
        parts.add("restart none");
        return "Plan for " + plan.component() + ": " + String.join(", ", parts) + ".";
    }

    private static String done(Plan plan) {
        String what = plan.component() + (plan.version().isEmpty() ? "" : " " + plan.version());
        return switch (plan.change().kind()) {
            case LOAD -> what + " is loaded.";
            case UNLOAD -> what + " is unloaded.";
            case UPDATE -> plan.changesNoBundle() ? what + " is the newest." : what + " runs now.";
            case ROLLBACK -> what + " runs again.";
        };
    }

    private Object why(String name) throws ComponentException {
        List<ComponentStatus> found = loaded(name);
        if (found.isEmpty()) {
            throw new ComponentException(
                    ComponentException.Kind.NOT_FOUND,
                    "No component %s is loaded; `component list` shows those that are.".formatted(name));
        }
        Table table = Table.of("component", "kept by", "reason");
        for (ComponentStatus c : found) {
            String key = c.name() + "@" + c.version();
            c.holders()
                    .forEach(h -> table.row(
                            key, h, h.equals(OPERATOR) ? "loaded in the shell, until unloaded there" : "lease"));
            c.neededBy().forEach(n -> table.row(key, n, "requires it"));
            if (c.pinned()) {
                table.row(key, "pin", "pinned, until unpinned");
            }
            if (c.holders().isEmpty() && c.neededBy().isEmpty() && !c.pinned()) {
                table.row(key, "nobody", "lingers, and goes soon or when memory runs low");
            }
        }
        return table;
    }

    private Object history(Arguments arguments) throws Exception {
        ComponentHistory available = history;
        if (available == null) {
            throw new IllegalStateException("The database is not available; the log still tells: node:log.");
        }
        Table table = Table.of("time", "event", "component", "version", "cause", "detail");
        available
                .recent(arguments.word(0, ""), arguments.number("--limit", 20))
                .forEach(e -> table.row(e.time(), e.type(), e.component(), e.version(), e.cause(), e.detail()));
        return table;
    }

    private Object pin(String name, boolean pinned) throws ComponentException {
        manager.pin(name, pinned);
        return name + (pinned ? " is pinned." : " is no longer pinned.");
    }
}
