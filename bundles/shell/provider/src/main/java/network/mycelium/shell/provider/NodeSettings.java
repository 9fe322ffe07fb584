package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Collections;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/// The settings of this node's components, by pid: shown with what they mean, checked before they are changed.
final class NodeSettings {
    private final BundleContext context;
    private final ConfigurationAdmin configurations;

    NodeSettings(BundleContext context, ConfigurationAdmin configurations) {
        this.context = context;
        this.configurations = configurations;
    }

    /// Which components have settings, and what somebody set.
    Table all() throws IOException, InvalidSyntaxException {
        Map<String, Map<String, Object>> all = new TreeMap<>();
        DescribedSetting.of(context.getBundles()).keySet().forEach(pid -> all.put(pid, Map.of()));
        Configuration[] kept = configurations.listConfigurations(null);
        for (Configuration c : kept == null ? new Configuration[0] : kept) {
            all.put(c.getPid(), shown(set(c)));
        }
        Table table = Table.of("pid", "settings");
        all.forEach((pid, settings) -> table.row(pid, settings.isEmpty() ? "" : settings.toString()));
        return table;
    }

    /// What settings there are, and those that are set.
    Table of(String pid) throws IOException {
        return table(set(configuration(pid)), described(pid));
    }

    private static Table table(Map<String, Object> settings, Optional<List<DescribedSetting>> described) {
        Map<String, Object> set = shown(settings);
        if (described.isEmpty()) {
            return Table.single(set);
        }
        Table table = Table.of("setting", "value", "default", "meaning");
        for (DescribedSetting setting : described.get()) {
            Object value = set.remove(setting.name());
            table.row(setting.name(), value == null ? "" : value, setting.standard(), setting.meaning());
        }
        // From before a setting went, or by hand.
        set.forEach((name, value) -> table.row(name, value, "", "There is no such setting: it does nothing"));
        return table;
    }

    /// Changes settings, and shows what there are then.
    ///
    /// @param changes each `KEY=VALUE`, or `KEY=` to take a setting away
    /// @throws IllegalArgumentException if one is not written so, unknown or of another type: then none is made
    Table change(String pid, List<String> changes, PrintStream out) throws IOException {
        Optional<List<DescribedSetting>> described = described(pid);
        Configuration configuration = configuration(pid);
        Map<String, Object> settings = set(configuration);
        for (String change : changes) {
            int equals = change.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("A setting is written KEY=VALUE, not " + change + ".");
            }
            String name = change.substring(0, equals);
            String value = change.substring(equals + 1);
            if (value.isEmpty()) {
                settings.remove(name);
            } else {
                described.ifPresent(known -> find(pid, name, known).check(value));
                settings.put(name, value);
            }
        }
        Dictionary<String, Object> updated = new Hashtable<>(settings);
        configuration.update(updated);
        if (described.isEmpty()) {
            out.println("No installed bundle has settings called " + pid + ": they are kept until one does.");
        }
        return table(settings, described);
    }

    private static DescribedSetting find(String pid, String name, List<DescribedSetting> known) {
        return known.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow(() -> {
            String names = known.stream().map(DescribedSetting::name).collect(Collectors.joining(", "));
            return new IllegalArgumentException("%s has no setting %s. It has: %s.".formatted(pid, name, names));
        });
    }

    private Optional<List<DescribedSetting>> described(String pid) {
        return Optional.ofNullable(DescribedSetting.of(context.getBundles()).get(pid));
    }

    private Configuration configuration(String pid) throws IOException {
        return configurations.getConfiguration(pid, "?");
    }

    private static Map<String, Object> set(Configuration configuration) {
        Map<String, Object> settings = new LinkedHashMap<>();
        Dictionary<String, Object> properties = configuration.getProperties();
        if (properties != null) {
            for (String key :
                    Collections.list(properties.keys()).stream().sorted().toList()) {
                if (!key.startsWith("service.") && !key.startsWith("felix.fileinstall")) {
                    settings.put(key, properties.get(key));
                }
            }
        }
        return settings;
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
