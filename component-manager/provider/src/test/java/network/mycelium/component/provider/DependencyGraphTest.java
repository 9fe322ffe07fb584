package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Resource;

class DependencyGraphTest {
    private static final String RUNNABLE = "java.lang.Runnable";

    @TempDir
    Path temp;

    private Workbench bench;

    @BeforeEach
    void start() throws Exception {
        bench = new Workbench(temp);
    }

    @AfterEach
    void stop() throws Exception {
        bench.close();
    }

    private static BundleRevision revision(Bundle bundle) {
        return bundle.adapt(BundleRevision.class);
    }

    private DependencyGraph graph(Bundle... leaving) {
        List<BundleRevision> all = Stream.of(bench.context.getBundles())
                .map(DependencyGraphTest::revision)
                .toList();
        Set<Resource> without =
                Set.copyOf(Stream.of(leaving).map(DependencyGraphTest::revision).toList());
        return new DependencyGraph(all, Map.of(), without);
    }

    private List<String> closure(DependencyGraph graph, Bundle bundle) {
        return graph.closure(revision(bundle)).stream()
                .map(DependencyGraph::id)
                .filter(id -> !id.startsWith("org.apache.felix") && !id.startsWith("system.bundle"))
                .toList();
    }

    private void resolve() {
        bench.context.getBundle(0).adapt(FrameworkWiring.class).resolveBundles(null);
    }

    @Test
    void packages_lead_from_user_to_exporter_however_far() throws Exception {
        Bundle c = bench.install(TestBundle.named("c", "1.0.0").header("Export-Package", "c"));
        Bundle b = bench.install(
                TestBundle.named("b", "1.0.0").header("Import-Package", "c").header("Export-Package", "b"));
        Bundle a = bench.install(TestBundle.named("a", "1.0.0").header("Import-Package", "b"));
        resolve();
        assertThat(closure(graph(), a)).containsExactly("c 1.0.0", "b 1.0.0", "a 1.0.0");
        assertThat(closure(graph(), c)).containsExactly("c 1.0.0");
        assertThat(graph().inStartOrder(List.of(revision(a), revision(b), revision(c))))
                .containsExactly(revision(c), revision(b), revision(a));
    }

    @Test
    void bundles_that_need_each_other_are_found_once() throws Exception {
        Bundle a = bench.install(
                TestBundle.named("a", "1.0.0").header("Import-Package", "b").header("Export-Package", "a"));
        bench.install(
                TestBundle.named("b", "1.0.0").header("Import-Package", "a").header("Export-Package", "b"));
        resolve();
        assertThat(closure(graph(), a)).containsExactlyInAnyOrder("a 1.0.0", "b 1.0.0");
    }

    @Test
    void a_needed_service_leads_to_who_declares_it_and_an_optional_one_does_not() throws Exception {
        bench.install(TestBundle.named("offers", "1.0.0").offers(RUNNABLE));
        Bundle needs = bench.install(TestBundle.named("needs", "1.0.0").needs(RUNNABLE));
        Bundle may = bench.install(
                TestBundle.named("may", "1.0.0")
                        .add(
                                "Require-Capability",
                                "osgi.service;filter:=\"(objectClass=java.lang.Runnable)\";effective:=active;resolution:=optional"));
        resolve();
        assertThat(closure(graph(), needs)).containsExactly("offers 1.0.0", "needs 1.0.0");
        assertThat(closure(graph(), may)).containsExactly("may 1.0.0");
    }

    @Test
    void who_offers_what_it_needs_itself_needs_nobody() throws Exception {
        bench.install(TestBundle.named("offers", "1.0.0").offers(RUNNABLE));
        Bundle own =
                bench.install(TestBundle.named("own", "1.0.0").offers(RUNNABLE).needs(RUNNABLE));
        resolve();
        assertThat(closure(graph(), own)).containsExactly("own 1.0.0");
    }

    @Test
    void of_services_that_are_not_registered_the_newest_version_counts() throws Exception {
        bench.install(TestBundle.named("offers", "1.0.0").offers(RUNNABLE));
        bench.install(TestBundle.named("offers", "2.0.0").offers(RUNNABLE));
        Bundle needs = bench.install(TestBundle.named("needs", "1.0.0").needs(RUNNABLE));
        assertThat(closure(graph(), needs)).containsExactly("offers 2.0.0", "needs 1.0.0");
    }

    @Test
    void of_registered_services_the_first_counts_as_for_those_who_look_it_up() throws Exception {
        bench.install(TestBundle.named("offers", "1.0.0").offers(RUNNABLE).activator(Activators.Registers.class))
                .start();
        bench.install(TestBundle.named("offers", "2.0.0").offers(RUNNABLE).activator(Activators.Registers.class))
                .start();
        Bundle needs = bench.install(TestBundle.named("needs", "1.0.0").needs(RUNNABLE));
        Bundle first = bench.context.getServiceReference(Runnable.class).getBundle();
        assertThat(first.getVersion()).hasToString("1.0.0");
        assertThat(closure(graph(), needs)).containsExactly("offers 1.0.0", "needs 1.0.0");
        assertThat(closure(graph(first), needs)).containsExactly("offers 2.0.0", "needs 1.0.0");
    }

    @Test
    void a_higher_ranking_counts_more_than_who_was_first() throws Exception {
        bench.install(TestBundle.named("plain", "1.0.0").offers(RUNNABLE).activator(Activators.Registers.class))
                .start();
        bench.install(TestBundle.named("ranked", "1.0.0").offers(RUNNABLE).activator(Activators.RegistersRanked.class))
                .start();
        Bundle needs = bench.install(TestBundle.named("needs", "1.0.0").needs(RUNNABLE));
        assertThat(bench.context.getServiceReference(Runnable.class).getBundle().getSymbolicName())
                .isEqualTo("ranked");
        assertThat(closure(graph(), needs)).containsExactly("ranked 1.0.0", "needs 1.0.0");
    }
}
