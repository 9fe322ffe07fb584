package network.mycelium.itests;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/// Bytes of live objects by class, as the JVM's own `GC.class_histogram` counts them after a full collection.
record Histogram(Map<String, Long> bytesByClass) {
    private static final Pattern LINE = Pattern.compile("\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+).*");

    static Histogram take() {
        try {
            var text = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            Map<String, Long> bytes = new HashMap<>();
            text.lines()
                    .map(LINE::matcher)
                    .filter(m -> m.matches())
                    .forEach(m -> bytes.merge(m.group(2), Long.valueOf(m.group(1)), Long::sum));
            return new Histogram(bytes);
        } catch (JMException e) {
            throw new AssertionError("no class histogram from this JVM", e);
        }
    }

    /// The ten classes that grew most.
    String growthSince(Histogram before) {
        return bytesByClass.entrySet().stream()
                .map(e -> Map.entry(e.getKey(), e.getValue() - before.bytesByClass.getOrDefault(e.getKey(), 0L)))
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(10)
                .map(e -> "%s %+d".formatted(e.getKey(), e.getValue()))
                .collect(Collectors.joining(", "));
    }
}
