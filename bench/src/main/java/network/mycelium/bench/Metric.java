package network.mycelium.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// One measured figure beside its peer's.
public final class Metric {
    private final String name;
    private final String unit;
    private final List<Double> ours = new ArrayList<>();
    private final List<Double> peers = new ArrayList<>();

    public Metric(String name, String unit) {
        this.name = name;
        this.unit = unit;
    }

    public void ours(double value) {
        ours.add(value);
    }

    public void peer(double value) {
        peers.add(value);
    }

    static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }

    /// Writes a table, or one JSON object.
    ///
    /// @param peer the name of what is measured beside
    public static void print(Collection<Metric> metrics, boolean json, String peer) {
        if (json) {
            System.out.println(
                    "{" + String.join(",", metrics.stream().map(Metric::json).toList()) + "}");
            return;
        }
        System.out.printf("%-40s %12s %12s %-6s %8s %6s%n", "METRIC", "MYCELIUM", peer, "UNIT", "RATIO", "RUNS");
        metrics.forEach(m -> System.out.println(m.row()));
    }

    private String row() {
        return String.format(
                Locale.ROOT,
                "%-40s %12s %12s %-6s %8s %6d",
                name,
                number(median(ours)),
                peers.isEmpty() ? "-" : number(median(peers)),
                unit,
                peers.isEmpty() ? "-" : number(median(ours) / median(peers)),
                ours.size());
    }

    private String json() {
        String peer = peers.isEmpty() ? "null" : number(median(peers));
        String ratio = peers.isEmpty() ? "null" : number(median(ours) / median(peers));
        return "\"%s\":{\"value\":%s,\"unit\":\"%s\",\"peer\":%s,\"ratio\":%s,\"runs\":%d}"
                .formatted(name, number(median(ours)), unit, peer, ratio, ours.size());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
