package network.mycelium.libp2p.core.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import network.mycelium.libp2p.core.gossip.Rpc.Have;
import network.mycelium.libp2p.core.gossip.Rpc.Prune;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import org.junit.jupiter.api.Test;

class RpcTest {
    private static final int RPC = 4 << 20;
    private static final String LONGEST = "x".repeat(RpcParser.MAX_TEXT);
    private static final String TOO_LONG = LONGEST + "x";

    /// What parsing allocates, whether it succeeds or not.
    private static long allocated(byte[] rpc) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            assertThat(Rpc.parse(rpc)).isNotNull();
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("entries");
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static byte[] repeated(int field, ProtoWriter entry, int wrapper) {
        byte[] one = new ProtoWriter().message(field, entry).toBytes();
        byte[] all = new byte[RPC / one.length * one.length];
        for (int at = 0; at < all.length; at += one.length) {
            System.arraycopy(one, 0, all, at, one.length);
        }
        return wrapper == 0 ? all : new ProtoWriter().bytes(wrapper, all).toBytes();
    }

    private static byte[] inControl(int field, byte[] entry) {
        return new ProtoWriter()
                .bytes(3, new ProtoWriter().bytes(field, entry).toBytes())
                .toBytes();
    }

    @Test
    void an_rpc_of_nothing_but_tiny_entries_takes_little_more_memory_than_its_bytes() {
        var none = new ProtoWriter();
        byte[] ids = repeated(1, none, 0);
        List<byte[]> rpcs = List.of(
                repeated(1, none, 0),
                repeated(2, none, 0),
                repeated(1, none, 3),
                repeated(3, none, 3),
                repeated(4, none, 3),
                inControl(2, ids),
                inControl(5, ids),
                inControl(1, repeated(2, none, 0)),
                inControl(4, repeated(2, none, 0)));
        for (byte[] rpc : rpcs) {
            assertThat(allocated(rpc)).isLessThan(3L * RPC);
            assertThatThrownBy(() -> Rpc.parse(rpc)).hasMessageContaining("more than 20000 entries");
        }
    }

    @Test
    void topics_ids_and_records_of_any_length_are_left_out_before_they_are_copied() {
        String huge = "x".repeat(RPC / 8);
        Rpc rpc = Rpc.empty();
        rpc.subscriptions().add(new Subscription(true, huge));
        rpc.have().add(new Have(huge, List.of("a")));
        rpc.have().add(new Have("t", List.of(huge)));
        rpc.want().add(huge);
        rpc.graft().add(huge);
        rpc.prune().add(new Prune("t", List.of(new Suggested(new byte[34], new byte[RPC / 8])), 1));
        rpc.dontWant().add(huge);
        byte[] bytes = rpc.bytes();

        assertThat(allocated(bytes)).isLessThan(100_000);
        Rpc read = Rpc.parse(bytes);
        assertThat(read.subscriptions()).isEmpty();
        assertThat(read.have()).containsExactly(new Have("t", List.of()));
        assertThat(read.want()).isEmpty();
        assertThat(read.graft()).isEmpty();
        assertThat(read.prune())
                .singleElement()
                .satisfies(p -> assertThat(p.others()).isEmpty());
        assertThat(read.dontWant()).isEmpty();
    }

    @Test
    void what_is_just_short_enough_is_read_beside_what_is_not() {
        Rpc rpc = Rpc.empty();
        rpc.subscriptions().add(new Subscription(true, TOO_LONG));
        rpc.subscriptions().add(new Subscription(true, LONGEST));
        rpc.want().addAll(List.of(TOO_LONG, LONGEST));
        rpc.prune()
                .add(new Prune(
                        "t",
                        List.of(
                                new Suggested(new byte[34], new byte[RpcParser.MAX_RECORD + 1]),
                                new Suggested(new byte[GossipMessage.MAX_AUTHOR + 1], new byte[0]),
                                new Suggested(new byte[34], new byte[RpcParser.MAX_RECORD])),
                        1));
        Rpc read = Rpc.parse(rpc.bytes());

        assertThat(read.subscriptions()).containsExactly(new Subscription(true, LONGEST));
        assertThat(read.want()).containsExactly(LONGEST);
        assertThat(read.prune().getFirst().others())
                .singleElement()
                .satisfies(o -> assertThat(o.signedRecord()).hasSize(RpcParser.MAX_RECORD));
    }
}
