package network.mycelium.shell.provider;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.mycelium.node.command.Shown;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import network.mycelium.shell.provider.settings.DescribedSetting;
import network.mycelium.shell.provider.settings.SettingProblem;
import network.mycelium.shell.provider.settings.Settings;

/// The settings of this node's components, by pid, for people: shown with what they mean and what is wrong in their
/// files, checked before they are changed.
final class NodeSettings {
    private final Settings settings;

    NodeSettings(Settings settings) {
        this.settings = settings;
    }

    /// Which components have settings, what somebody set, and what is wrong.
    Table all() {
        Map<String, List<String>> problems = new TreeMap<>();
        for (SettingProblem problem : settings.problems()) {
            problems.computeIfAbsent(problem.pid(), pid -> new java.util.ArrayList<>())
                    .add(problem.text());
        }
        Map<String, Map<String, Object>> all = new TreeMap<>();
        settings.described().keySet().forEach(pid -> all.put(pid, Map.of()));
        problems.keySet().forEach(pid -> all.put(pid, Map.of()));
        settings.all().forEach((pid, set) -> all.put(pid, shown(set)));
        Table table = Table.of("pid", "settings", "problems");
        all.forEach((pid, set) -> table.row(
                pid, new Shown(set.isEmpty() ? "" : set.toString(), set), problems.getOrDefault(pid, List.of())));
        return table;
    }

    /// What settings there are, those that are set, and at last what is wrong.
    Table of(String pid) {
        List<SettingProblem> problems = problems(pid);
        Map<String, Object> set = shown(settings.all().getOrDefault(pid, Map.of()));
        Optional<List<DescribedSetting>> described = DescribedSetting.of(pid, settings.described());
        if (described.isEmpty()) {
            return Table.single(set);
        }
        Table table = Table.of("setting", "value", "default", "meaning");
        for (DescribedSetting setting : described.get()) {
            Object value = set.remove(setting.name());
            table.row(setting.name(), value == null ? "" : value, setting.standard(), setting.meaning());
        }
        problems.forEach(problem -> table.row("line " + problem.line(), "", "", problem.problem()));
        return table;
    }

    /// The mistakes in the file of a pid, or in all.
    List<SettingProblem> problems(String pid) {
        return settings.problems().stream()
                .filter(problem -> pid.isEmpty() || problem.pid().equals(pid))
                .toList();
    }

    /// Changes settings, and shows what there are then.
    ///
    /// @param changes each `KEY=VALUE`, or `KEY=` to take a setting away
    /// @throws IllegalArgumentException if one is not written so, unknown or of another type: then none is made
    Table change(String pid, List<String> changes) throws IOException {
        Map<String, Optional<String>> wanted = new LinkedHashMap<>();
        for (String change : changes) {
            int equals = change.indexOf('=');
            if (equals <= 0) {
                throw new UsageException("A setting is written KEY=VALUE, not " + change + ".");
            }
            String value = change.substring(equals + 1);
            wanted.put(change.substring(0, equals), value.isEmpty() ? Optional.empty() : Optional.of(value));
        }
        settings.change(pid, wanted);
        return of(pid);
    }

    boolean isDescribed(String pid) {
        return DescribedSetting.of(pid, settings.described()).isPresent();
    }

    private static Map<String, Object> shown(Map<String, Object> settings) {
        Map<String, Object> shown = new LinkedHashMap<>(settings);
        shown.replaceAll((key, value) -> {
            if (Secrets.isSecret(key)) {
                return "(secret)";
            }
            return value instanceof String text ? Secrets.hide(text) : value;
        });
        return shown;
    }
}
