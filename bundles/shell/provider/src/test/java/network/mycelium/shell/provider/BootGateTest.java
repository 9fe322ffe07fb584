package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.FrameworkStartLevel;

@Timeout(value = 8, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BootGateTest {
    private final AtomicReference<FrameworkListener> listener = new AtomicReference<>();

    private BootGate gate(int level) {
        var levels = Fakes.of(FrameworkStartLevel.class, Map.of("getStartLevel", a -> level));
        var system = Fakes.of(Bundle.class, Map.of("adapt", a -> levels));
        return new BootGate(Fakes.of(
                BundleContext.class,
                Map.of(
                        "getBundle", a -> system,
                        "getProperty", a -> "35",
                        "addFrameworkListener", Fakes.doing(a -> listener.set((FrameworkListener) a.getFirst())))));
    }

    private static Thread waits(BootGate gate) {
        return Thread.ofVirtual().start(() -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void a_command_waits_for_those_of_the_core_and_no_longer() throws Exception {
        BootGate gate = gate(15);
        Thread waiting = waits(gate);
        assertThat(waiting.join(Duration.ofMillis(100))).isFalse();
        gate.bind(null);
        waiting.join();
    }

    @Test
    void a_node_that_is_up_without_its_commands_has_a_shell() throws Exception {
        Thread waiting = waits(gate(15));
        listener.get()
                .frameworkEvent(new FrameworkEvent(FrameworkEvent.STARTED, Fakes.of(Bundle.class, Map.of()), null));
        waiting.join();
        gate(35).await();
    }
}
