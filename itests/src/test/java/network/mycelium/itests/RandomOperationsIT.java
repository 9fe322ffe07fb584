package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentException;
import network.mycelium.component.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.SynchronousBundleListener;

/// Thirty components that depend on each other by packages and by services, in three versions each, loaded,
/// updated, rolled back and unloaded at random. Each plan must be exactly what the framework then does, and no
/// other bundle may stop, start or be refreshed.
class RandomOperationsIT {
    private static final int COMPONENTS = 30;

    @TempDir
    Path temp;

    @Test
    void every_plan_is_what_happens_and_nothing_unrelated_restarts() throws Exception {
        long seed = Seeds.seed("RandomOperationsIT");
        var random = new Random(seed);
        int operations = Seeds.rounds("operations", 1000);
        try (var core = Core.start(temp.resolve("home"), Map.of("linger.millis", 3_600_000))) {
            core.repository(temp.resolve("repo")).publish(bundles(random));
            List<String> happened = new CopyOnWriteArrayList<>();
            BundleListener listener = (SynchronousBundleListener) event -> note(happened, event);
            core.context().addBundleListener(listener);
            int done = 0;
            int refused = 0;
            for (int i = 0; done < operations; i++) {
                happened.clear();
                Change change = change(random);
                List<String> expected = new ArrayList<>();
                try {
                    Plan plan = core.manager().plan(change);
                    plan.install()
                            .forEach(b -> expected.addAll(List.of("INSTALLED " + b, "RESOLVED " + b, "STARTED " + b)));
                    plan.stop()
                            .forEach(b ->
                                    expected.addAll(List.of("STOPPED " + b, "UNRESOLVED " + b, "UNINSTALLED " + b)));
                    assertThat(plan.restart()).isEmpty();
                    core.manager().run(plan, text -> {});
                    done++;
                } catch (ComponentException e) {
                    // Nothing to update, not loaded, or held: then nothing may happen.
                    refused++;
                }
                assertThat(happened)
                        .as("seed %d, operation %d: %s", seed, i, change)
                        .containsExactlyInAnyOrderElementsOf(expected);
            }
            core.context().removeBundleListener(listener);
            System.out.println(done + " operations done, " + refused + " refused");
            for (var c : core.manager().components()) {
                core.manager()
                        .run(
                                core.manager()
                                        .plan(new Change(
                                                Change.Kind.UNLOAD, c.name() + "@" + c.version(), "operator", true)),
                                t -> {});
            }
            assertThat(core.dynamicBundles()).isEmpty();
        }
    }

    private static void note(List<String> happened, BundleEvent event) {
        String name = switch (event.getType()) {
            case BundleEvent.INSTALLED -> "INSTALLED";
            case BundleEvent.RESOLVED -> "RESOLVED";
            case BundleEvent.STARTED -> "STARTED";
            case BundleEvent.STOPPED -> "STOPPED";
            case BundleEvent.UNRESOLVED -> "UNRESOLVED";
            case BundleEvent.UNINSTALLED -> "UNINSTALLED";
            default -> "";
        };
        if (!name.isEmpty()) {
            happened.add(name + " " + Core.id(event.getBundle()));
        }
    }

    private static Change change(Random random) {
        Change.Kind[] kinds = {
            Change.Kind.LOAD, Change.Kind.LOAD, Change.Kind.UNLOAD, Change.Kind.UPDATE, Change.Kind.ROLLBACK
        };
        Change.Kind kind = kinds[random.nextInt(kinds.length)];
        String name = "c" + random.nextInt(COMPONENTS);
        // Old versions are loaded often enough that there is something to update.
        String spec =
                kind == Change.Kind.LOAD && random.nextInt(3) > 0 ? name + "@[1." + random.nextInt(3) + ",2)" : name;
        if (kind == Change.Kind.LOAD && random.nextBoolean()) {
            spec = name + "@1." + random.nextInt(3) + ".0";
        }
        return new Change(kind, spec, "operator", random.nextInt(4) == 0);
    }

    /// Component i exports a package and offers a service, and uses some of the components before it by either.
    private Path[] bundles(Random random) throws Exception {
        List<Path> jars = new ArrayList<>();
        for (int i = 0; i < COMPONENTS; i++) {
            for (int minor = 0; minor < 3; minor++) {
                String name = "t.c" + i;
                var bundle = TestBundle.named(name, "1." + minor + ".0")
                        .component("c" + i)
                        .add("Export-Package", name + ".api;version=1." + minor)
                        .file(name.replace('.', '/') + "/api/readme", TestBundle.text("x"))
                        .service("s" + i, "v" + minor);
                Set<Integer> used = new TreeSet<>();
                while (used.size() < Math.min(i, 2)) {
                    used.add(random.nextInt(i));
                }
                for (int other : used) {
                    if (random.nextBoolean()) {
                        bundle.add(
                                "Import-Package", "t.c" + other + ".api;version=\"[1." + random.nextInt(2) + ",2)\"");
                    } else {
                        bundle.add(
                                "Require-Capability", "osgi.service;filter:=\"(of=s" + other + ")\";effective:=active");
                    }
                }
                jars.add(bundle.write(temp.resolve("jars")));
            }
        }
        return jars.toArray(Path[]::new);
    }
}
