package network.mycelium.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// One measured figure beside its peers'. The first peer that has it is the one that it is compared with.
public final class Metric {
    private final String name;
    private final String unit;
    private final List<Double> ours = new ArrayList<>();
    private final Map<String, List<Double>> peers = new LinkedHashMap<>();

    public Metric(String name, String unit) {
        this.name = name;
        this.unit = unit;
    }

    public void ours(double value) {
        ours.add(value);
    }

    public void peer(String name, double value) {
        peers.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }

    /// Writes a table, or one JSON object.
    public static void print(Collection<Metric> metrics, boolean json) {
        if (json) {
            System.out.println(
                    "{" + String.join(",", metrics.stream().map(Metric::json).toList()) + "}");
            return;
        }
        List<String> names = metrics.stream()
                .flatMap(m -> m.peers.keySet().stream())
                .distinct()
                .toList();
        System.out.printf(
                "%-40s %12s%s %-6s %8s %6s%n",
                "METRIC",
                "MYCELIUM",
                String.join("", names.stream().map(Metric::column).toList()),
                "UNIT",
                "RATIO",
                "RUNS");
        metrics.forEach(m -> System.out.println(m.row(names)));
    }

    private static String column(String text) {
        return String.format(Locale.ROOT, " %12s", text);
    }

    /// The first peer's median; NaN if there is none.
    private double peer() {
        return median(peers.isEmpty() ? List.of() : peers.values().iterator().next());
    }

    private double ratio() {
        return median(ours) / peer();
    }

    private String row(List<String> names) {
        return String.format(
                Locale.ROOT,
                "%-40s %12s%s %-6s %8s %6d",
                name,
                number(median(ours), "-"),
                String.join(
                        "",
                        names.stream()
                                .map(n -> column(number(median(peers.getOrDefault(n, List.of())), "-")))
                                .toList()),
                unit,
                number(ratio(), "-"),
                ours.size());
    }

    private String json() {
        List<String> all = peers.entrySet().stream()
                .map(e -> "\"%s\":%s".formatted(e.getKey(), number(median(e.getValue()), "null")))
                .toList();
        return "\"%s\":{\"value\":%s,\"unit\":\"%s\",\"peer\":%s,\"ratio\":%s,\"peers\":{%s},\"runs\":%d}"
                .formatted(
                        name,
                        number(median(ours), "null"),
                        unit,
                        number(peer(), "null"),
                        number(ratio(), "null"),
                        String.join(",", all),
                        ours.size());
    }

    /// @param missing for NaN
    private static String number(double value, String missing) {
        if (Double.isNaN(value)) {
            return missing;
        }
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
