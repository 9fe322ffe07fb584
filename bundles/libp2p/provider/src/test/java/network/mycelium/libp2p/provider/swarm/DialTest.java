package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionGate;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Dials that are given up, or that somebody lies about.
@Timeout(60)
class DialTest {
    private static long counted(Swarm swarm) {
        return swarm.limits().get("system").get("connections").used();
    }

    private static void assertNothingLeaks(TwoSwarms two) {
        await().untilAsserted(() -> {
            assertThat(counted(two.a)).isEqualTo(two.a.connections().size());
            assertThat(counted(two.b)).isEqualTo(two.b.connections().size());
        });
        two.a.disconnect(two.b.id());
        await().untilAsserted(() -> {
            assertThat(counted(two.a)).isZero();
            assertThat(counted(two.b)).isZero();
            assertThat(two.b.limits().get("inbound").get("connections").used()).isZero();
        });
    }

    /// Holds every dial at the point where the peer is known, until it is let go.
    private static final class Turnstile implements ConnectionGate {
        private final CountDownLatch there = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);

        @Override
        public java.util.Optional<String> refusePeer(PeerId peer, Multiaddr address, boolean outbound) {
            there.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return java.util.Optional.empty();
        }
    }

    @Test
    void a_dial_that_is_interrupted_closes_what_it_may_yet_get() throws Exception {
        try (var two = new TwoSwarms()) {
            var gate = new Turnstile();
            two.a.gates().add(gate);
            var failure = new CompletableFuture<IOException>();
            Thread dialler = Thread.startVirtualThread(() -> {
                try {
                    two.connect();
                    failure.complete(null);
                } catch (IOException e) {
                    failure.complete(e);
                }
            });
            gate.there.await();
            dialler.interrupt();
            assertThat(failure.get()).hasMessageContaining("interrupted");
            gate.go.countDown();
            two.a.gates().remove(gate);
            await().until(() -> two.b.connections().isEmpty() && counted(two.b) == 0);
            assertNothingLeaks(two);
        }
    }

    @Test
    void dials_interrupted_at_any_moment_leak_nothing() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var two = new TwoSwarms()) {
            for (int i = 0; i < 200; i++) {
                Thread dialler = Thread.startVirtualThread(() -> {
                    try {
                        two.connect();
                    } catch (IOException e) {
                        assertThat(e).isInstanceOf(Libp2pException.class);
                    }
                });
                LockSupport.parkNanos(random.nextInt(4_000_000));
                dialler.interrupt();
                dialler.join();
                two.a.disconnect(two.b.id());
            }
            assertNothingLeaks(two);
        }
    }

    @Test
    void a_dial_that_takes_too_long_is_given_up_with_what_it_gets_later() throws Exception {
        try (var a = TwoSwarms.swarm(TwoSwarms.withDial(Settings.DEFAULT, Duration.ofMillis(200)));
                var two = new TwoSwarms()) {
            var gate = new Turnstile();
            a.gates().add(gate);
            assertThatThrownBy(() -> a.connect(two.b.id(), two.b.addresses()))
                    .hasMessageContaining("no answer in time");
            gate.go.countDown();
            await().until(() -> counted(a) == 0 && counted(two.b) == 0);
            assertThat(a.connections()).isEmpty();
        }
    }

    @Test
    void who_waits_for_anothers_dial_dials_itself_when_that_one_is_interrupted() throws Exception {
        try (var two = new TwoSwarms()) {
            var gate = new Turnstile();
            two.a.gates().add(gate);
            Thread first = Thread.startVirtualThread(() -> {
                try {
                    two.connect();
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("interrupted");
                }
            });
            gate.there.await();
            var second = new CompletableFuture<Connection>();
            Thread waiter = Thread.startVirtualThread(() -> {
                try {
                    second.complete(two.connect());
                } catch (IOException e) {
                    second.completeExceptionally(e);
                }
            });
            await().until(() -> waiter.getState() == Thread.State.WAITING);
            first.interrupt();
            gate.go.countDown();
            assertThat(second.get().isOpen()).isTrue();
            assertNothingLeaks(two);
        }
    }

    @Test
    void a_peer_that_tells_anothers_address_as_its_own_does_not_keep_it_from_being_dialled() throws Exception {
        try (var two = new TwoSwarms()) {
            PeerId liar = TwoSwarms.key().peerId();
            List<Multiaddr> victims = two.b.addresses();
            assertThatThrownBy(() -> two.a.connect(liar, victims))
                    .hasMessageContaining(two.b.id().toString());
            two.a.book().addAddresses(two.b.id(), victims);
            assertThat(two.a.connect(two.b.id(), List.of()).isOpen()).isTrue();
        }
    }
}
