package network.mycelium.identity.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.MalformedDocument;
import org.junit.jupiter.api.Test;

/// Garbage, truncation and flipped bits in everything that is parsed: a document that reads the same when it is written
/// again, or [MalformedDocument], and nothing else.
class FuzzTest {
    private static final int ROUNDS = Integer.getInteger("mutations", 3_000);

    private final long seed = Long.getLong("seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final World world = new World();

    private record Parser(String name, byte[] sample, Consumer<byte[]> parse) {}

    private List<Parser> parsers() {
        Statement member = world.member(world.tip(), 1, Stubs.certificate(1, World.MACHINE));
        byte[] charter = network.mycelium.identity.core.signer.NextCharter.after(world.store, 1, World.NOW)
                .charter()
                .bytes();
        byte[] statement = member.toBytes();
        var rotation = new Rotation(world.genesis.hash(), World.ID, 1, World.MACHINE, World.THIEF);
        byte[] item = Stubs.statement(member, World.ALICE, World.BOB);
        byte[] signed = ((Item.OfStatement) Item.parse(item)).signed().toBytes();
        byte[] list =
                RootList.of(List.of(World.hash(member), world.genesis.hash())).toBytes();
        return List.of(
                new Parser(
                        "genesis",
                        world.genesis.bytes(),
                        b -> same(b, Genesis.parse(b).toBytes())),
                new Parser("charter", charter, b -> same(b, Charter.parse(b).toBytes())),
                new Parser(
                        "statement", statement, b -> same(b, Statement.parse(b).toBytes())),
                new Parser(
                        "member",
                        member.body(),
                        b -> same(b, Member.parse(World.ID, b).toBytes())),
                new Parser(
                        "renewal",
                        new Renewal(1, 7).toBytes(),
                        b -> same(b, Renewal.parse(b).toBytes())),
                new Parser(
                        "rotation",
                        rotation.toBytes(),
                        b -> same(b, Rotation.parse(b).toBytes())),
                new Parser("signed", signed, b -> same(b, Signed.parse(b).toBytes())),
                new Parser("list", list, b -> same(b, RootList.parse(b).toBytes())),
                new Parser("item", item, b -> same(b, Item.parse(b).toBytes())));
    }

    private static void same(byte[] read, byte[] written) {
        assertThat(written).isEqualTo(read);
    }

    private byte[] mutated(byte[] sample) {
        byte[] bytes = sample.clone();
        switch (random.nextInt(5)) {
            case 0 -> {
                bytes = new byte[random.nextInt(300)];
                random.nextBytes(bytes);
            }
            case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 2 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            case 3 -> {
                for (int i = 0; i < 4; i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            default -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(8));
        }
        return bytes;
    }

    @Test
    void no_bytes_make_a_parser_throw_anything_but_malformed() {
        System.out.println("-Dseed=" + seed + " -Dmutations=" + ROUNDS);
        for (Parser parser : parsers()) {
            parser.parse().accept(parser.sample());
            int refused = 0;
            for (int i = 0; i < ROUNDS; i++) {
                byte[] bytes = mutated(parser.sample());
                try {
                    parser.parse().accept(bytes);
                } catch (MalformedDocument e) {
                    refused++;
                }
            }
            assertThat(refused).as("%s of seed %d", parser.name(), seed).isPositive();
        }
    }

    @Test
    void a_store_takes_any_bytes_without_an_exception() {
        byte[] item = Stubs.statement(
                world.member(world.tip(), 1, Stubs.certificate(1, World.MACHINE)), World.ALICE, World.BOB);
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(world.store.offer(mutated(item), Sender.member("p" + i / 50), World.NOW))
                    .as("seed %d", seed)
                    .isNotNull();
        }
    }

    @Test
    void a_length_that_is_announced_reserves_no_memory() {
        // Field 1 of two gigabytes, of which nothing follows.
        byte[] bytes = {0x0a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7};
        for (Parser parser : parsers()) {
            assertThat(allocatedBy(parser, bytes)).as(parser.name()).isLessThan(4 << 20);
        }
    }

    @Test
    void what_is_larger_than_its_bound_is_refused_before_it_is_read() {
        byte[] huge = new byte[4 << 20];
        for (Parser parser : parsers()) {
            assertThatThrownBy(() -> parser.parse().accept(huge))
                    .as(parser.name())
                    .isInstanceOf(MalformedDocument.class);
            assertThat(allocatedBy(parser, huge)).as(parser.name()).isLessThan(1 << 20);
        }
    }

    /// The second time: the first one loads classes, which takes memory of its own.
    private static long allocatedBy(Parser parser, byte[] bytes) {
        long before = 0;
        for (int i = 0; i < 2; i++) {
            before = allocated();
            try {
                parser.parse().accept(bytes);
            } catch (MalformedDocument e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
        return allocated() - before;
    }

    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }
}
