package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentException.Kind;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus;
import network.mycelium.component.Lease;
import network.mycelium.component.Plan;
import org.osgi.framework.Version;

/// A component manager without bundles: it knows which versions there are, which do not start, and who holds
/// what.
final class FakeManager implements ComponentManager {
    /// Versions that can be had, by component.
    final Map<String, TreeSet<Version>> offered = new TreeMap<>();
    /// `NAME VERSION` of those that do not start.
    final TreeSet<String> broken = new TreeSet<>();
    /// Holders by `NAME VERSION`.
    final Map<String, List<String>> loaded = new TreeMap<>();
    final List<String> asked = new ArrayList<>();
    String explodesOn = "";

    void offer(String component, String... versions) {
        for (String version : versions) {
            offered.computeIfAbsent(component, c -> new TreeSet<>()).add(new Version(version));
        }
    }

    private static String key(String component, Version version) {
        return component + " " + version;
    }

    private Version highest(Versions.Spec spec) throws ComponentException {
        return offered.getOrDefault(spec.component(), new TreeSet<>()).descendingSet().stream()
                .filter(version -> spec.versions().includes(version.toString()))
                .findFirst()
                .orElseThrow(() -> new ComponentException(Kind.NOT_FOUND, "no index lists " + spec.component()));
    }

    private void start(String component, Version version) throws ComponentException {
        if (broken.contains(key(component, version))) {
            throw new ComponentException(Kind.NOT_READY, "it does not start");
        }
        loaded.computeIfAbsent(key(component, version), k -> new ArrayList<>());
    }

    @Override
    public Lease acquire(String text, String holder) throws ComponentException {
        asked.add("acquire " + text);
        if (text.startsWith(explodesOn) && !explodesOn.isEmpty()) {
            throw new IllegalStateException("a fault of the manager");
        }
        Versions.Spec spec = Versions.Spec.parse(text);
        for (ComponentStatus status : components()) {
            if (status.name().equals(spec.component()) && spec.versions().includes(status.version())) {
                return lease(spec.component(), new Version(status.version()), holder);
            }
        }
        Version version = highest(spec);
        start(spec.component(), version);
        return lease(spec.component(), version, holder);
    }

    private Lease lease(String component, Version version, String holder) {
        loaded.get(key(component, version)).add(holder);
        return new Lease() {
            @Override
            public String component() {
                return component;
            }

            @Override
            public String version() {
                return version.toString();
            }

            @Override
            public String holder() {
                return holder;
            }

            @Override
            public void close() {
                loaded.forEach((key, holders) -> {
                    if (key.startsWith(component + " ")) {
                        holders.remove(holder);
                    }
                });
            }
        };
    }

    @Override
    public Plan plan(Change change) {
        return new Plan(
                change,
                0,
                change.spec(),
                "",
                List.of(),
                0,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    @Override
    public void run(Plan plan, Progress progress) throws ComponentException {
        Change change = plan.change();
        asked.add(change.kind() + " " + change.spec());
        Versions.Spec spec = Versions.Spec.parse(change.spec());
        switch (change.kind()) {
            case UNLOAD ->
                loaded.keySet()
                        .removeIf(key -> key.startsWith(spec.component() + " ")
                                && spec.versions().includes(key.substring(key.indexOf(' ') + 1)));
            case UPDATE -> replace(spec.component(), highest(spec));
            default -> throw new AssertionError(change);
        }
    }

    /// As an update, a supervisor or an operator does.
    void replace(String component, Version version) throws ComponentException {
        start(component, version);
        List<String> holders = new ArrayList<>();
        loaded.entrySet().removeIf(entry -> {
            boolean old = entry.getKey().startsWith(component + " ")
                    && !entry.getKey().equals(key(component, version));
            holders.addAll(old ? entry.getValue() : List.of());
            return old;
        });
        loaded.get(key(component, version)).addAll(holders);
    }

    @Override
    public List<ComponentStatus> components() {
        return loaded.entrySet().stream()
                .map(entry -> {
                    String[] parts = entry.getKey().split(" ");
                    return new ComponentStatus(
                            parts[0],
                            parts[1],
                            ComponentStatus.State.ACTIVE,
                            "",
                            List.copyOf(entry.getValue()),
                            List.of(),
                            List.of(),
                            "",
                            false,
                            0,
                            0,
                            List.of());
                })
                .toList();
    }

    @Override
    public void pin(String component, boolean pinned) {
        throw new AssertionError("nobody pins " + component);
    }
}
