package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentEvent;
import network.mycelium.component.ComponentException;
import network.mycelium.component.ComponentHistory;
import network.mycelium.component.ComponentManager;
import network.mycelium.component.ComponentStatus.State;
import network.mycelium.component.Lease;
import network.mycelium.component.Plan;
import network.mycelium.greeter.Greeter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/// The component manager in a real Felix, with the repository of the distribution and one of the test's own.
class ComponentManagerIT {
    @TempDir
    Path temp;

    private Core core;

    @BeforeEach
    void start() throws Exception {
        core = Core.start(
                temp.resolve("home"),
                Map.of(
                        "linger.millis", 300,
                        "ready.timeout.millis", 1500,
                        "start.timeout.millis", 1500,
                        "stop.timeout.millis", 1000,
                        "restart.delay.millis", 20,
                        "health.interval.millis", 100));
    }

    @AfterEach
    void stop() throws Exception {
        core.close();
    }

    private Path bundle(TestBundle bundle) throws Exception {
        return bundle.write(temp.resolve("jars"));
    }

    private String supplied(String of) throws InvalidSyntaxException {
        for (ServiceReference<?> r : core.context().getServiceReferences(Supplier.class, "(of=" + of + ")")) {
            return String.valueOf(((Supplier<?>) core.context().getService(r)).get());
        }
        return null;
    }

    @Test
    void a_component_comes_with_what_it_requires_works_and_goes() throws Exception {
        Plan plan = core.load("greeter");
        // Its api comes from the test's class path, see Core.
        assertThat(plan.install()).containsExactly("network.mycelium.greeter 0.1.0");
        assertThat(core.service(Greeter.class).greet("Ada")).isEqualTo("Hello, Ada!");
        assertThat(core.status("greeter").state()).isEqualTo(State.ACTIVE);

        core.change(Change.Kind.UNLOAD, "greeter");
        assertThat(core.dynamicBundles()).isEmpty();
        assertThat(core.context().getServiceReference(Greeter.class)).isNull();
        await().untilAsserted(
                        () -> assertThat(core.service(ComponentHistory.class).recent("greeter", 10))
                                .extracting(e -> e.type().name())
                                .containsExactly("UNLOADED", "LOADED"));
    }

    @Test
    void a_component_stays_while_leased_and_goes_after_lingering() throws Exception {
        Lease first = core.manager().acquire("greeter", "task 1");
        Lease second = core.manager().acquire("greeter@[0.1,1)", "task 2");
        assertThat(core.status("greeter").holders()).containsExactlyInAnyOrder("task 1", "task 2");
        first.close();
        assertThatThrownBy(() -> core.change(Change.Kind.UNLOAD, "greeter"))
                .isInstanceOf(ComponentException.class)
                .hasMessageContaining("held by task 2");
        second.close();
        second.close();
        await().atMost(10, TimeUnit.SECONDS).until(() -> core.dynamicBundles().isEmpty());
    }

    /// By reflection: the class is of the framework's bundles, not of the test.
    private void configure(String pid, String key, Object value) throws Exception {
        Object admin =
                core.context().getService(core.context().getServiceReference("org.osgi.service.cm.ConfigurationAdmin"));
        Class<?> type = admin.getClass().getClassLoader().loadClass("org.osgi.service.cm.ConfigurationAdmin");
        Object configuration =
                type.getMethod("getConfiguration", String.class, String.class).invoke(admin, pid, "?");
        type.getClassLoader()
                .loadClass("org.osgi.service.cm.Configuration")
                .getMethod("update", java.util.Dictionary.class)
                .invoke(configuration, new java.util.Hashtable<>(Map.of(key, value)));
    }

    @Test
    void leases_stay_while_settings_change_and_the_settings_hold_at_once() throws Exception {
        Lease lease = core.manager().acquire("greeter", "task");
        ComponentManager before = core.manager();
        configure("network.mycelium.component", "linger.millis", "1000000");
        configure("network.mycelium.repository.cache", "retention.hours", "7");
        await().during(500, TimeUnit.MILLISECONDS).atMost(10, TimeUnit.SECONDS).untilAsserted(() -> {
            assertThat(core.manager()).isSameAs(before);
            assertThat(core.status("greeter").holders()).containsExactly("task");
        });
        lease.close();
        // It lingered for 300 milliseconds before.
        await().during(1, TimeUnit.SECONDS)
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> core.dynamicBundles().size() == 1);
    }

    @Test
    void what_was_loaded_restarts_without_its_repository() throws Exception {
        var repository = core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.a", "1.0.0").component("a").service("a", "one")));
        core.load("a");
        core.close();
        java.nio.file.Files.move(repository.folder, temp.resolve("gone"));
        core = Core.start(temp.resolve("home"));
        assertThat(core.status("a").state()).isEqualTo(State.ACTIVE);
        assertThat(supplied("a")).isEqualTo("one");
    }

    @Test
    void an_update_runs_beside_the_old_version_until_it_is_ready_and_can_be_rolled_back() throws Exception {
        var repository = core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.a", "1.0.0").component("a").service("a", "one")));
        core.load("a");
        repository.publish(
                bundle(TestBundle.named("t.a", "1.1.0").component("a").service("a", "two")));
        Plan plan = core.change(Change.Kind.UPDATE, "a");
        assertThat(plan.install()).containsExactly("t.a 1.1.0");
        assertThat(plan.stop()).containsExactly("t.a 1.0.0");
        assertThat(supplied("a")).isEqualTo("two");
        assertThat(core.status("a").previous()).isEqualTo("1.0.0");

        core.change(Change.Kind.ROLLBACK, "a");
        assertThat(supplied("a")).isEqualTo("one");
        assertThat(core.dynamicBundles()).containsExactly("t.a 1.0.0");
    }

    @Test
    void a_failed_update_leaves_the_old_version_running() throws Exception {
        var repository = core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.a", "1.0.0").component("a").service("a", "one")));
        core.load("a");
        repository.publish(bundle(TestBundle.named("t.a", "1.1.0")
                .component("a")
                .activator("throw new IllegalStateException(\"no disk\");", "")));
        assertThatThrownBy(() -> core.change(Change.Kind.UPDATE, "a"))
                .hasMessageContaining("t.a 1.1.0 did not start")
                .hasMessageContaining("no disk");
        assertThat(supplied("a")).isEqualTo("one");
        assertThat(core.dynamicBundles()).containsExactly("t.a 1.0.0");
    }

    @Test
    void state_is_handed_over_in_an_update() throws Exception {
        String activator = """
                network.mycelium.component.StateHandOver h = new network.mycelium.component.StateHandOver() {
                    public State release() { return new State(1, "%s".getBytes()); }
                    public void adopt(State s) { System.setProperty("adopted", new String(s.content())); }
                    public void resume() { System.setProperty("adopted", "resumed"); }
                };
                context.registerService(network.mycelium.component.StateHandOver.class, h, null);""";
        var repository = core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.s", "1.0.0")
                        .component("s")
                        .add("Import-Package", "network.mycelium.component")
                        .activator(activator.formatted("42"), "")));
        core.load("s");
        repository.publish(bundle(TestBundle.named("t.s", "2.0.0")
                .component("s")
                .add("Import-Package", "network.mycelium.component")
                .activator(activator.formatted("43"), "")));
        core.change(Change.Kind.UPDATE, "s");
        assertThat(System.getProperty("adopted")).isEqualTo("42");
    }

    @Test
    void an_old_version_goes_on_when_the_new_one_refuses_its_state() throws Exception {
        String activator = """
                network.mycelium.component.StateHandOver h = new network.mycelium.component.StateHandOver() {
                    public State release() { return new State(1, new byte[0]); }
                    public void adopt(State s) { throw new IllegalArgumentException("schema 1 is too old"); }
                    public void resume() { System.setProperty("resumed", "%s"); }
                };
                context.registerService(network.mycelium.component.StateHandOver.class, h, null);""";
        var repository = core.repository(temp.resolve("repo"));
        for (String version : List.of("1.0.0", "2.0.0")) {
            repository.publish(bundle(TestBundle.named("t.r", version)
                    .component("r")
                    .add("Import-Package", "network.mycelium.component")
                    .activator(activator.formatted(version), "")));
            if (version.startsWith("1")) {
                core.load("r");
            }
        }
        assertThatThrownBy(() -> core.change(Change.Kind.UPDATE, "r")).hasMessageContaining("schema 1 is too old");
        assertThat(System.getProperty("resumed")).isEqualTo("1.0.0");
        assertThat(core.dynamicBundles()).containsExactly("t.r 1.0.0");
        assertThat(core.status("r").state()).isEqualTo(State.ACTIVE);
    }

    @Test
    void a_singleton_is_replaced_and_comes_back_when_the_new_one_fails() throws Exception {
        var repository = core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.o", "1.0.0")
                        .singleton()
                        .component("o")
                        .service("o", "one")));
        core.load("o");
        repository.publish(bundle(
                TestBundle.named("t.o", "2.0.0").singleton().component("o").service("o", "two")));
        core.change(Change.Kind.UPDATE, "o");
        assertThat(core.dynamicBundles()).containsExactly("t.o 2.0.0");
        assertThat(supplied("o")).isEqualTo("two");
        repository.publish(bundle(TestBundle.named("t.o", "3.0.0")
                .singleton()
                .component("o")
                .activator("throw new IllegalStateException(\"no\");", "")));
        assertThatThrownBy(() -> core.change(Change.Kind.UPDATE, "o")).isInstanceOf(ComponentException.class);
        assertThat(core.dynamicBundles()).containsExactly("t.o 2.0.0");
        assertThat(supplied("o")).isEqualTo("two");
    }

    @Test
    void when_memory_is_short_the_least_recently_used_goes_first() throws Exception {
        core.close();
        core = Core.start(
                temp.resolve("short"),
                Map.of("linger.millis", 3_600_000, "heap.soft.limit.percent", 1, "health.interval.millis", 500));
        core.repository(temp.resolve("repo"))
                .publish(
                        bundle(TestBundle.named("t.old", "1.0.0").component("old")),
                        bundle(TestBundle.named("t.recent", "1.0.0").component("recent")),
                        bundle(TestBundle.named("t.held", "1.0.0").component("held")));
        Lease old = core.manager().acquire("old", "task");
        Lease recent = core.manager().acquire("recent", "task");
        Lease held = core.manager().acquire("held", "task");
        old.close();
        recent.close();
        await().atMost(20, TimeUnit.SECONDS).until(() -> core.dynamicBundles().equals(List.of("t.held 1.0.0")));
        // Told after the fact, so it may come a moment later.
        await().untilAsserted(
                        () -> assertThat(core.service(ComponentHistory.class).recent("", 20))
                                .filteredOn(e -> e.type() == ComponentEvent.Type.UNLOADED)
                                .extracting(e -> e.component() + " by " + e.cause())
                                .containsExactly("recent by memory", "old by memory"));
        held.close();
    }

    @Test
    void the_cache_keeps_to_its_quota_the_pinned_and_the_used_excepted() throws Exception {
        core.close();
        Path config = java.nio.file.Files.createDirectories(temp.resolve("quota/config/network/mycelium/repository"));
        java.nio.file.Files.writeString(config.resolve("cache.config"), """
                :org.apache.felix.configadmin.revision:=L"1"
                quota.bytes=L"200000"
                service.pid="network.mycelium.repository.cache"
                """);
        core = Core.start(temp.resolve("quota"), Map.of());
        var repository = core.repository(temp.resolve("repo"));
        for (int i = 0; i < 10; i++) {
            repository.publish(bundle(TestBundle.named("t.q" + i, "1.0.0")
                    .component("q" + i)
                    .file("noise", TestBundle.noise(40_000, i))));
        }
        var store = core.service(network.mycelium.repository.BundleStore.class);
        core.load("q0");
        core.load("q1");
        String pinned = store.contents().getLast().sha256();
        store.pin(pinned, true);
        core.change(Change.Kind.UNLOAD, "q1");
        for (int i = 2; i < 10; i++) {
            core.load("q" + i);
            core.change(Change.Kind.UNLOAD, "q" + i);
            assertThat(store.contents().stream().mapToLong(c -> c.size()).sum())
                    .as("after " + i)
                    .isLessThanOrEqualTo(200_000);
        }
        assertThat(store.contains(pinned)).isTrue();
        assertThat(core.status("q0").state()).isEqualTo(State.ACTIVE);
        core.close();
        core = Core.start(temp.resolve("quota"));
        assertThat(core.status("q0").state()).isEqualTo(State.ACTIVE);
    }

    @Test
    void two_versions_run_side_by_side() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(
                        bundle(TestBundle.named("t.a", "1.0.0").component("a").service("a1", "one")),
                        bundle(TestBundle.named("t.a", "2.0.0").component("a").service("a2", "two")));
        core.load("a@[1,2)");
        core.load("a@[2,3)");
        assertThat(core.dynamicBundles()).containsExactly("t.a 1.0.0", "t.a 2.0.0");
        assertThatThrownBy(() -> core.change(Change.Kind.UNLOAD, "a")).hasMessageContaining("Several versions");
        core.change(Change.Kind.UNLOAD, "a@1.0.0");
        assertThat(core.dynamicBundles()).containsExactly("t.a 2.0.0");
    }

    @Test
    void a_service_that_a_component_needs_comes_along_and_stays() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(
                        bundle(TestBundle.named("t.base", "1.0.0")
                                .component("base")
                                .service("base", "b")),
                        bundle(TestBundle.named("t.user", "1.0.0")
                                .component("user")
                                .add("Require-Capability", "osgi.service;filter:=\"(of=base)\";effective:=active")
                                .service("user", "u")));
        core.load("user");
        assertThat(core.dynamicBundles()).containsExactly("t.base 1.0.0", "t.user 1.0.0");
        core.load("base");
        core.change(Change.Kind.UNLOAD, "base");
        assertThat(core.dynamicBundles()).containsExactly("t.base 1.0.0", "t.user 1.0.0");
        core.change(Change.Kind.UNLOAD, "user");
        assertThat(core.dynamicBundles()).isEmpty();
    }

    @Test
    void a_missing_requirement_is_named() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(
                        bundle(TestBundle.named("t.x", "1.0.0")
                                .component("x")
                                .add("Import-Package", "y;version=\"[1,2)\"")),
                        bundle(TestBundle.named("t.y", "3.0.0").add("Export-Package", "y;version=3.0.0")));
        assertThatThrownBy(() -> core.load("x"))
                .hasMessageContaining("t.x 1.0.0 requires package y [1.0.0,2.0.0)")
                .hasMessageContaining("only these are offered: 3.0.0 from t.y 3.0.0");
    }

    @Test
    void a_component_whose_service_never_comes_is_removed_again() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.n", "1.0.0")
                        .component("n")
                        .add("Provide-Capability", "osgi.service;objectClass:List<String>=\"never.Comes\"")));
        assertThatThrownBy(() -> core.load("n"))
                .hasMessageContaining("not ready within 1.5 s")
                .hasMessageContaining("never.Comes");
        assertThat(core.dynamicBundles()).isEmpty();
    }

    @Test
    void a_start_that_hangs_is_given_up() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(
                        bundle(TestBundle.named("t.h", "1.0.0").component("h").activator("Thread.sleep(60_000);", "")));
        assertThatThrownBy(() -> core.load("h")).hasMessageContaining("did not start within 1.5 s");
        core.load("greeter");
        assertThat(core.status("greeter").state()).isEqualTo(State.ACTIVE);
    }

    @Test
    void a_stop_that_hangs_is_told_and_does_not_hold_the_others_up() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(
                        bundle(
                                TestBundle.named("t.d", "1.0.0")
                                        .component("d")
                                        .activator(
                                                "",
                                                "synchronized (this) { while (true) { try { wait(); } catch (InterruptedException e) { } } }")));
        core.load("d");
        core.change(Change.Kind.UNLOAD, "d");
        assertThat(core.manager().components()).isEmpty();
        await().untilAsserted(
                        () -> assertThat(core.service(ComponentHistory.class).recent("d", 10))
                                .anySatisfy(e -> assertThat(e.detail()).contains("did not stop within 1.0 s")));
        core.load("d");
        assertThat(core.status("d").state()).isEqualTo(State.ACTIVE);
    }

    @Test
    void a_leaked_thread_is_told_by_name() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.l", "1.0.0").component("l").activator("""
                        Thread t = new Thread(() -> { try { Thread.sleep(20_000); } catch (InterruptedException e) { } }, "forgotten");
                        t.setDaemon(true);
                        t.start();""", "")));
        core.load("l");
        core.change(Change.Kind.UNLOAD, "l");
        await().untilAsserted(
                        () -> assertThat(core.service(ComponentHistory.class).recent("l", 10))
                                .anySatisfy(e -> assertThat(e.detail()).contains("forgotten")));
    }

    @Test
    void a_component_that_stops_by_itself_is_restarted() throws Exception {
        core.repository(temp.resolve("repo"))
                .publish(bundle(TestBundle.named("t.a", "1.0.0").component("a").service("a", "one")));
        core.load("a");
        core.context().getBundles()[core.context().getBundles().length - 1].stop();
        await().atMost(20, TimeUnit.SECONDS).until(() -> "one".equals(supplied("a")));
        assertThat(core.status("a").restarts()).isEqualTo(1);
    }

    /// Healthy when loaded, sick from then on.
    private TestBundle sick(String version) {
        return TestBundle.named("t.sick", version)
                .component("sick")
                .activator(
                        "if (Boolean.getBoolean(\"sick.\" + context.getBundle().getVersion())) throw new IllegalStateException(\"sick\");",
                        "");
    }

    private void makeSick(String version) throws Exception {
        System.setProperty("sick." + version, "true");
        for (var b : core.context().getBundles()) {
            if (b.getSymbolicName().equals("t.sick")
                    && b.getVersion().toString().equals(version)) {
                b.stop();
            }
        }
    }

    @Test
    void what_keeps_failing_is_quarantined_and_loaded_again_only_by_force() throws Exception {
        core.repository(temp.resolve("repo")).publish(bundle(sick("1.0.0")));
        core.load("sick");
        makeSick("1.0.0");
        await().atMost(20, TimeUnit.SECONDS).until(() -> core.status("sick").state() == State.QUARANTINED);
        assertThat(core.status("sick").problem()).contains("sick");
        assertThat(core.dynamicBundles()).isEmpty();
        System.clearProperty("sick.1.0.0");
        assertThatThrownBy(() -> core.load("sick"))
                .hasMessageContaining("failed too often")
                .hasMessageContaining("--force");
        var forced = core.manager().plan(new Change(Change.Kind.LOAD, "sick", "operator", true));
        core.manager().run(forced, ComponentManager.Progress.NONE);
        assertThat(core.status("sick").state()).isEqualTo(State.ACTIVE);
    }

    @Test
    void an_update_that_keeps_failing_falls_back_to_the_previous_version() throws Exception {
        var repository = core.repository(temp.resolve("repo")).publish(bundle(sick("1.0.0")));
        core.load("sick");
        repository.publish(bundle(sick("1.1.0")));
        core.change(Change.Kind.UPDATE, "sick");
        makeSick("1.1.0");
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> core.status("sick").version().equals("1.0.0")
                        && core.status("sick").state() == State.ACTIVE);
        System.clearProperty("sick.1.1.0");
    }

    @Test
    void a_stale_plan_is_refused() throws Exception {
        Plan plan = core.manager().plan(new Change(Change.Kind.LOAD, "greeter", "operator", false));
        core.load("greeter");
        assertThatThrownBy(() -> core.manager().run(plan, ComponentManager.Progress.NONE))
                .hasMessageContaining("Plan again");
    }
}
