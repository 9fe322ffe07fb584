package network.mycelium.shell.provider.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a file of settings says, each value of the type that its setting has. A line that is wrong is left out.
///
/// @param values by key; a list where a setting takes several
record CheckedSettings(Map<String, Object> values, List<SettingsFile.Mistake> mistakes) {

    /// @param described empty if no bundle has such settings: then all values are kept as texts
    static CheckedSettings of(SettingsFile file, Optional<List<DescribedSetting>> described) {
        List<SettingsFile.Mistake> mistakes = new ArrayList<>(file.mistakes());
        // The keys of a configuration are alike whatever their case.
        Map<String, Object> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (SettingsFile.Entry entry : file.entries()) {
            try {
                Object value = described.isPresent()
                        ? DescribedSetting.find(entry.key(), described.get()).value(entry.value())
                        : undescribed(entry);
                values.remove(entry.key());
                values.put(entry.key(), value);
            } catch (IllegalArgumentException e) {
                mistakes.add(new SettingsFile.Mistake(entry.line(), e.getMessage()));
            }
        }
        mistakes.sort(java.util.Comparator.comparingInt(SettingsFile.Mistake::line));
        return new CheckedSettings(new LinkedHashMap<>(values), List.copyOf(mistakes));
    }

    private static Object undescribed(SettingsFile.Entry entry) {
        if (entry.key().startsWith("service.") || entry.key().startsWith("component.")) {
            throw new IllegalArgumentException(entry.key() + " is no setting: such keys are OSGi's own");
        }
        return entry.value();
    }
}
