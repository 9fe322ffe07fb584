package network.mycelium.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One measured figure beside its peer's.
final class Metric {
    final String name;
    final String unit;
    private final List<Double> ours = new ArrayList<>();
    private final List<Double> peers = new ArrayList<>();

    Metric(String name, String unit) {
        this.name = name;
        this.unit = unit;
    }

    void ours(double value) {
        ours.add(value);
    }

    void peer(double value) {
        peers.add(value);
    }

    static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }

    String row() {
        return String.format(
                Locale.ROOT,
                "%-28s %12s %12s %-6s %8s %6d",
                name,
                number(median(ours)),
                peers.isEmpty() ? "-" : number(median(peers)),
                unit,
                peers.isEmpty() ? "-" : number(median(ours) / median(peers)),
                ours.size());
    }

    String json() {
        String peer = peers.isEmpty() ? "null" : number(median(peers));
        String ratio = peers.isEmpty() ? "null" : number(median(ours) / median(peers));
        return "\"%s\":{\"value\":%s,\"unit\":\"%s\",\"peer\":%s,\"ratio\":%s,\"runs\":%d}"
                .formatted(name, number(median(ours)), unit, peer, ratio, ours.size());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
