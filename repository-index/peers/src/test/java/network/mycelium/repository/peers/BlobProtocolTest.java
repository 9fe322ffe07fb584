package network.mycelium.repository.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import network.mycelium.libp2p.core.wire.Delimited;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.repository.peers.BlobProtocol.Answer;
import network.mycelium.repository.peers.BlobProtocol.Request;
import org.junit.jupiter.api.Test;

class BlobProtocolTest {
    private static final long[] EDGES = {
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        Long.MIN_VALUE + 0x7fffffffL,
        -1L << 32 | 0x7fffffff,
        -2,
        -1,
        1L << 31,
        1L << 32,
        1L << 32 | 1,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE
    };

    private static Request request(byte[] message) throws IOException {
        return BlobProtocol.readRequest(new ByteArrayInputStream(Delimited.frame(message)));
    }

    private static Answer answer(byte[] message) throws IOException {
        return BlobProtocol.readAnswer(new ByteArrayInputStream(Delimited.frame(message)));
    }

    @Test
    void numbers_beyond_their_bounds_are_refused_and_not_cut_to_32_bits() {
        for (long edge : EDGES) {
            for (int field = 2; field <= 5; field++) {
                byte[] message = new ProtoWriter()
                        .bytes(1, new byte[32])
                        .varint(field, edge)
                        .toBytes();
                assertThatThrownBy(() -> request(message))
                        .as("%d in field %d", edge, field)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(Long.toString(edge));
            }
            byte[] size = new ProtoWriter().varint(1, edge).toBytes();
            if (edge != 1L << 31) {
                assertThatThrownBy(() -> answer(size)).hasMessageContaining("its size is " + edge);
            }
        }
    }

    @Test
    void what_is_just_within_its_bounds_is_read() throws IOException {
        Request most = request(new ProtoWriter()
                .bytes(1, new byte[32])
                .varint(2, Integer.MAX_VALUE)
                .varint(3, BlobProtocol.MAX_LENGTH)
                .varint(4, BlobProtocol.MAX_CHUNKS + 1)
                .varint(5, BlobProtocol.MAX_CHUNKS)
                .toBytes());
        assertThat(most)
                .isEqualTo(new Request(
                        "00".repeat(32),
                        Integer.MAX_VALUE,
                        BlobProtocol.MAX_LENGTH,
                        BlobProtocol.MAX_CHUNKS,
                        BlobProtocol.MAX_CHUNKS - 1));
        assertThat(request(new ProtoWriter().bytes(1, new byte[32]).toBytes()))
                .isEqualTo(new Request("00".repeat(32), 0, 0, -1, -1));
        assertThat(answer(new byte[0]).size()).isEqualTo(-1);
    }

    @Test
    void more_chunks_than_a_file_can_have_and_longer_messages_are_refused() {
        byte[] tooMany = new byte[BlobProtocol.MAX_CHUNKS / 8 + 1];
        assertThatThrownBy(() -> answer(new ProtoWriter().bytes(2, tooMany).toBytes()))
                .hasMessageContaining("more than 32768 chunks");
        assertThatThrownBy(() -> request(new byte[257])).hasMessageContaining("at most 256");
        assertThatThrownBy(
                        () -> request(new ProtoWriter().bytes(1, new byte[31]).toBytes()))
                .hasMessageContaining("31 bytes");
    }

    @Test
    void mutated_requests_and_answers_are_refused_or_within_all_bounds() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("replay with -Dseed=" + seed);
        var random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 100_000; i++) {
            var writer = new ProtoWriter().bytes(1, new byte[32]);
            for (int field = 2; field <= 5; field++) {
                writer.varint(field, random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(100));
            }
            byte[] message = mutated(writer.toBytes(), random);
            try {
                Request request = request(message);
                read++;
                assertThat(request.offset()).as("seed %d", seed).isBetween(0L, (long) Integer.MAX_VALUE);
                assertThat(request.length()).as("seed %d", seed).isBetween(0, BlobProtocol.MAX_LENGTH);
                assertThat(request.known()).as("seed %d", seed).isBetween(-1, BlobProtocol.MAX_CHUNKS);
                assertThat(request.chunk()).as("seed %d", seed).isBetween(-1, BlobProtocol.MAX_CHUNKS - 1);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
            }
            byte[] bits = new byte[random.nextInt(20)];
            random.nextBytes(bits);
            byte[] other = mutated(
                    new ProtoWriter()
                            .varint(1, random.nextInt(1000))
                            .bytes(2, bits)
                            .bytes(3, bits)
                            .toBytes(),
                    random);
            try {
                Answer answer = answer(other);
                assertThat(answer.size()).as("seed %d", seed).isBetween(-1L, (long) Integer.MAX_VALUE);
                assertThat(answer.given().length()).as("seed %d", seed).isLessThanOrEqualTo(BlobProtocol.MAX_CHUNKS);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
            }
        }
        assertThat(read).as("seed %d", seed).isPositive();
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        for (int k = random.nextInt(4); k > 0; k--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }
}
