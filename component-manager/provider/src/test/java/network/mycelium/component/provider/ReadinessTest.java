package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.util.promise.Promise;

class ReadinessTest {
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

    private Bundle started(TestBundle bundle) throws Exception {
        Bundle installed = bench.install(bundle);
        installed.start();
        return installed;
    }

    private String problem(Bundle bundle) {
        return bench.readiness.problem(List.of(bundle));
    }

    @Test
    void a_bundle_that_is_active_and_declares_nothing_is_up() throws Exception {
        assertThat(problem(started(TestBundle.named("a", "1.0.0")))).isEmpty();
    }

    @Test
    void one_that_is_not_active_says_why() throws Exception {
        assertThat(problem(bench.install(TestBundle.named("a", "1.0.0")))).isEqualTo("a 1.0.0 is not active");
        Bundle failing = bench.install(TestBundle.named("b", "1.0.0").activator(Activators.Fails.class));
        try {
            bench.installed.start(failing);
        } catch (BundleException e) {
            assertThat(e).hasRootCauseMessage("no disk");
        }
        assertThat(problem(failing)).isEqualTo("b 1.0.0 did not start: no disk");
    }

    @Test
    void one_that_starts_when_it_is_needed_is_up() throws Exception {
        Bundle lazy = bench.install(TestBundle.named("a", "1.0.0")
                .header("Bundle-ActivationPolicy", "lazy")
                .activator(Activators.Registers.class));
        lazy.start(Bundle.START_ACTIVATION_POLICY);
        assertThat(problem(lazy)).isEmpty();
    }

    @Test
    void a_fragment_is_up_when_it_is_attached() throws Exception {
        Bundle fragment = bench.install(TestBundle.named("f", "1.0.0").header("Fragment-Host", "host"));
        assertThat(problem(fragment)).contains("is not attached");
        started(TestBundle.named("host", "1.0.0"));
        assertThat(problem(fragment)).isEmpty();
    }

    @Test
    void a_declared_service_must_be_registered() throws Exception {
        assertThat(problem(started(TestBundle.named("a", "1.0.0").offers(RUNNABLE))))
                .contains("has not registered its service " + RUNNABLE);
        assertThat(problem(
                        started(TestBundle.named("b", "1.0.0").offers(RUNNABLE).activator(Activators.Registers.class))))
                .isEmpty();
    }

    @Test
    void what_comes_up_while_it_is_waited_for_is_up() throws Exception {
        Bundle late = started(TestBundle.named("a", "1.0.0").offers(RUNNABLE));
        var waiting = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            waiting.countDown();
            late.getBundleContext().registerService(Runnable.class, () -> {}, null);
        });
        waiting.await();
        assertThat(bench.readiness.await(List.of(late), Duration.ofSeconds(10))).isEmpty();
        Bundle never = started(TestBundle.named("b", "1.0.0").offers(RUNNABLE));
        assertThat(bench.readiness.await(List.of(never), Duration.ofMillis(50))).contains("b 1.0.0");
    }

    @Test
    void services_of_components_that_want_a_configuration_are_not_waited_for() throws Exception {
        Bundle bundle = started(TestBundle.named("a", "1.0.0").offers(RUNNABLE));
        var runtime = new Components();
        bench.context.registerService(ServiceComponentRuntime.class, runtime, null);
        runtime.with(description(bundle, "optional"));
        assertThat(problem(bundle)).contains(RUNNABLE);
        runtime.with(description(bundle, "require"));
        assertThat(problem(bundle)).isEmpty();
        // Configured, it must come up.
        runtime.states.add(ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
        assertThat(problem(bundle)).contains(RUNNABLE);
        runtime.states.clear();
        runtime.with(description(bundle, "require"), description(bundle, "optional"));
        assertThat(problem(bundle)).contains(RUNNABLE);
    }

    @Test
    void neither_are_those_of_factories_and_of_disabled_components() throws Exception {
        Bundle bundle = started(TestBundle.named("a", "1.0.0").offers(RUNNABLE));
        var runtime = new Components();
        bench.context.registerService(ServiceComponentRuntime.class, runtime, null);
        ComponentDescriptionDTO factory = description(bundle, "optional");
        factory.factory = "a.factory";
        runtime.with(factory);
        assertThat(problem(bundle)).isEmpty();
        runtime.with(description(bundle, "optional"));
        runtime.enabled = false;
        assertThat(problem(bundle)).isEmpty();
    }

    private static ComponentDescriptionDTO description(Bundle bundle, String policy) {
        var description = new ComponentDescriptionDTO();
        description.name = bundle.getSymbolicName();
        description.configurationPolicy = policy;
        description.serviceInterfaces = new String[] {RUNNABLE};
        return description;
    }

    /// Components as a test has them.
    private static final class Components implements ServiceComponentRuntime {
        final List<ComponentDescriptionDTO> descriptions = new ArrayList<>();
        final List<Integer> states = new ArrayList<>();
        boolean enabled = true;

        void with(ComponentDescriptionDTO... all) {
            descriptions.clear();
            descriptions.addAll(List.of(all));
        }

        @Override
        public Collection<ComponentDescriptionDTO> getComponentDescriptionDTOs(Bundle... bundles) {
            return descriptions;
        }

        @Override
        public ComponentDescriptionDTO getComponentDescriptionDTO(Bundle bundle, String name) {
            return descriptions.getFirst();
        }

        @Override
        public Collection<ComponentConfigurationDTO> getComponentConfigurationDTOs(ComponentDescriptionDTO one) {
            return states.stream()
                    .map(state -> {
                        var configuration = new ComponentConfigurationDTO();
                        configuration.state = state;
                        return configuration;
                    })
                    .toList();
        }

        @Override
        public boolean isComponentEnabled(ComponentDescriptionDTO description) {
            return enabled;
        }

        @Override
        public Promise<Void> enableComponent(ComponentDescriptionDTO description) {
            throw new UnsupportedOperationException("Nobody enables anything here");
        }

        @Override
        public Promise<Void> disableComponent(ComponentDescriptionDTO description) {
            throw new UnsupportedOperationException("Nobody disables anything here");
        }
    }
}
