package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.libp2p.Stream;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.libp2p.multiformats.Varint;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A member of the lowest access that compares statements by hand, to fill the other's memory.
@Timeout(60)
class HostileComparisonTest extends TestNodes {
    private static final int LIMIT = 1 << 20;

    private final List<Stream> streams = new ArrayList<>();
    private TestNode founder;
    private TestNode hostile;

    @BeforeEach
    void begin() throws Exception {
        founder = founder();
        hostile = joined(founder, "hostile", Access.RESTRICTED);
        await().until(() -> hostile.isConnectedTo(founder));
    }

    @AfterEach
    void end() {
        streams.forEach(Stream::close);
    }

    /// A comparison in which it is this side's turn to say what it has.
    private Stream begun() throws IOException {
        Stream stream =
                hostile.swarm.connection(founder.swarm.id()).orElseThrow().open(StatementExchange.PROTOCOL);
        streams.add(stream);
        stream.timeout(Duration.ofSeconds(10));
        byte[] tip = Hash.parse(hostile.charters.present().hash()).bytes();
        Delimited.write(stream, new ProtoWriter().bytes(1, tip).varint(2, 1).toBytes());
        Delimited.read(stream.input(), LIMIT);
        return stream;
    }

    private static void announce(Stream stream, int size) throws IOException {
        var length = new ByteArrayOutputStream();
        Varint.write(size, length);
        length.write(0x12);
        stream.write(length.toByteArray(), 0, length.size());
    }

    /// A node compares by itself now and then, and is refused meanwhile.
    private Stream firstBegun() {
        return await().ignoreExceptions().until(this::begun, stream -> true);
    }

    @Test
    void one_comparison_is_answered_at_a_time() throws Exception {
        announce(firstBegun(), LIMIT);
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(this::begun).isInstanceOf(IOException.class);
        }
        streams.getFirst().close();
        Stream next = firstBegun();
        Delimited.write(next, new byte[0]);
        assertThat(new ProtoReader(Delimited.read(next.input(), LIMIT)).next())
                .as("gives what this side did not name")
                .isEqualTo(1);
    }

    @Test
    void more_documents_than_a_network_has_are_not_read() throws Exception {
        Stream tooLong = firstBegun();
        announce(tooLong, 8 << 20);
        assertThatThrownBy(() -> Delimited.read(tooLong.input(), LIMIT)).isInstanceOf(IOException.class);

        Stream tooMany = firstBegun();
        byte[] empty = new byte[2 * 150_000];
        for (int i = 0; i < empty.length; i += 2) {
            empty[i] = 0x0a;
        }
        Delimited.write(tooMany, empty);
        assertThatThrownBy(() -> Delimited.read(tooMany.input(), LIMIT)).isInstanceOf(IOException.class);
        founder.statements.publish("note", "after", "x".getBytes(StandardCharsets.UTF_8), Duration.ofDays(1));
        await().until(() -> hostile.statements.find("note", "after").isPresent());
    }
}
