package network.mycelium.libp2p.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.libp2p.Admission;
import network.mycelium.libp2p.Connection;
import network.mycelium.libp2p.ConnectionListener;
import network.mycelium.libp2p.Libp2pException;
import network.mycelium.libp2p.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdmissionTest {
    private static final String WORD = "/word/1.0.0";

    /// Lets those in who send the right byte.
    private static final class Password implements Admission {
        private final byte say;
        private final CompletableFuture<Byte> heard = new CompletableFuture<>();

        private Password(Swarm swarm, int say) {
            this.say = (byte) say;
            swarm.handle(WORD, stream -> {
                byte[] one = new byte[1];
                if (stream.read(one, 0, 1) == 1) {
                    heard.complete(one[0]);
                }
            });
        }

        @Override
        public Set<String> protocols() {
            return Set.of(WORD);
        }

        @Override
        public void admit(Connection connection) throws IOException {
            try (Stream stream = connection.open(WORD)) {
                stream.write(new byte[] {say}, 0, 1);
            }
            try {
                if (heard.get(5, TimeUnit.SECONDS) != 42) {
                    throw new Libp2pException(Libp2pException.Kind.REFUSED, "the wrong word");
                }
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }

    private static AtomicInteger connected(Swarm swarm) {
        var count = new AtomicInteger();
        swarm.listen(new ConnectionListener() {
            @Override
            public void connected(Connection connection) {
                count.incrementAndGet();
            }
        });
        return count;
    }

    @Test
    void who_knows_the_word_is_let_in_and_both_see_the_same_binding() throws Exception {
        try (var two = new TwoSwarms()) {
            two.a.admissions().add(new Password(two.a, 42));
            two.b.admissions().add(new Password(two.b, 42));
            two.connect();

            assertThat(two.a.ping(two.b.id(), Duration.ofSeconds(5))).isPositive();
            assertThat(two.a.connection(two.b.id()).orElseThrow().binding())
                    .hasSize(32)
                    .isEqualTo(two.b.connection(two.a.id()).orElseThrow().binding());
        }
    }

    @Test
    void who_does_not_is_refused_and_nobody_is_told_of_it() throws Exception {
        try (var two = new TwoSwarms()) {
            AtomicInteger told = connected(two.b);
            two.b.admissions().add(new Password(two.b, 42));
            two.a.admissions().add(new Password(two.a, 13));

            assertThatThrownBy(() -> {
                        two.connect();
                        two.a.ping(two.b.id(), Duration.ofSeconds(5));
                    })
                    .isInstanceOf(IOException.class);
            await().until(() -> two.b.limits().get("system").get("connections").used() == 0);
            assertThat(told).hasValue(0);
            assertThat(two.b.connections()).isEmpty();
        }
    }

    @Test
    void a_stranger_opens_nothing_and_learns_nothing() throws Exception {
        try (var two = new TwoSwarms(Settings.DEFAULT)) {
            two.b.admissions().add(new Password(two.b, 42));
            two.connect();

            assertThatThrownBy(() -> two.a.ping(two.b.id(), Duration.ofSeconds(20)))
                    .isInstanceOf(IOException.class);
            await().until(() -> two.a.connections().isEmpty());
            assertThat(two.a.peer(two.b.id()).orElseThrow().protocols()).isEmpty();
        }
    }

    @Test
    void a_node_that_belongs_to_a_network_is_closed_until_it_can_tell_who_belongs_to_it() throws Exception {
        try (var two = new TwoSwarms()) {
            two.b.admissions().expect(true);
            try {
                two.connect();
            } catch (IOException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
            await().until(() -> two.a.connections().isEmpty());
            assertThat(two.b.connections()).isEmpty();
        }
    }

    @Test
    void connections_that_are_open_are_asked_as_well() throws Exception {
        try (var two = new TwoSwarms()) {
            two.connect();
            two.a.ping(two.b.id(), Duration.ofSeconds(5));

            two.b.admissions().add(new Password(two.b, 42));

            await().until(() -> two.b.connections().isEmpty());
        }
    }

    /// Fails, however it is asked.
    private static final class Broken implements Admission {
        private final Error error;

        private Broken(Error error) {
            this.error = error;
        }

        @Override
        public Set<String> protocols() {
            return Set.of(WORD);
        }

        @Override
        public void admit(Connection connection) {
            if (error != null) {
                throw error;
            }
            throw new IllegalStateException("broken");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_admission_that_fails_has_not_admitted(boolean error) throws Exception {
        try (var two = new TwoSwarms()) {
            AtomicInteger told = connected(two.b);
            two.b.admissions().add(new Broken(error ? new NoClassDefFoundError("gone") : null));
            try {
                two.connect();
            } catch (IOException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
            await().until(() -> two.a.connections().isEmpty());
            await().until(() -> two.b.limits().get("system").get("connections").used() == 0);
            assertThat(told).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_admission_that_fails_closes_what_is_open_too(boolean error) throws Exception {
        try (var two = new TwoSwarms()) {
            two.connect();
            two.a.ping(two.b.id(), Duration.ofSeconds(5));

            two.b.admissions().add(new Broken(error ? new NoClassDefFoundError("gone") : null));

            await().until(() -> two.b.connections().isEmpty());
        }
    }

    @Test
    void an_admission_that_fails_for_a_dialled_peer_leaves_no_connection() throws Exception {
        try (var two = new TwoSwarms()) {
            two.a.admissions().add(new Broken(new NoClassDefFoundError("gone")));
            assertThatThrownBy(two::connect)
                    .isInstanceOf(Libp2pException.class)
                    .hasMessageContaining("An admission failed");
            await().until(() -> two.a.limits().get("system").get("connections").used() == 0);
            assertThat(two.a.connections()).isEmpty();
        }
    }
}
