package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import network.mycelium.libp2p.ProtocolHandler;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What somebody who is no member gets out of a member that he makes dial, or dials.
@Timeout(60)
class StrangerTest extends TestNodes {
    private static final int LIMIT = 1 << 20;

    /// What came after the greeting; empty if nothing did.
    private final BlockingQueue<byte[]> learned = new LinkedBlockingQueue<>();

    private void listen(Stream stream) {
        try {
            learned.add(Delimited.read(stream.input(), LIMIT));
        } catch (IOException e) {
            learned.add(new byte[0]);
        }
    }

    private TestNode stranger(ProtocolHandler handler) throws IOException {
        TestNode stranger = node("stranger");
        stranger.swarm.handle(MembershipProof.PROTOCOL, handler);
        return stranger;
    }

    private void assertRefused(TestNode member, TestNode stranger) throws InterruptedException {
        assertThatThrownBy(() -> member.swarm.connect(stranger.swarm.id(), stranger.swarm.addresses()))
                .isInstanceOf(IOException.class);
        assertThat(learned.poll(20, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void who_sends_the_greeting_back_learns_nothing() throws Exception {
        TestNode member = founder();
        assertRefused(member, stranger(stream -> {
            Delimited.write(stream, Delimited.read(stream.input(), LIMIT));
            listen(stream);
        }));
    }

    @Test
    void who_hands_the_greeting_on_to_another_member_learns_nothing() throws Exception {
        TestNode founder = founder();
        TestNode other = joined(founder, "other", Access.STANDARD);
        TestNode between = node("between");
        assertRefused(founder, stranger(stream -> {
            byte[] greeting = Delimited.read(stream.input(), LIMIT);
            var connection = between.swarm.connect(other.swarm.id(), other.swarm.addresses());
            try (Stream onwards = connection.open(MembershipProof.PROTOCOL)) {
                Delimited.write(onwards, greeting);
                Delimited.write(stream, Delimited.read(onwards.input(), LIMIT));
                listen(stream);
            } catch (IOException e) {
                learned.add(new byte[0]);
            }
        }));
    }

    @Test
    void who_dials_and_greets_at_random_is_not_even_greeted() throws Exception {
        TestNode member = founder();
        TestNode stranger = node("stranger");
        var connection = stranger.swarm.connect(member.swarm.id(), member.swarm.addresses());
        try (Stream stream = connection.open(MembershipProof.PROTOCOL)) {
            Delimited.write(stream, new byte[64]);
            listen(stream);
        }
        assertThat(learned.poll(20, TimeUnit.SECONDS)).isEmpty();
    }
}
