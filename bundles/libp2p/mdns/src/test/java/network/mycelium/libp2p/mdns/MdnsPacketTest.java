package network.mycelium.libp2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.keys.NodeKey;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

class MdnsPacketTest {
    private static final String LABEL = "a".repeat(40);
    private final PeerId self = new NodeKey(new byte[32]).peerId();
    private final Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");

    @Test
    void a_question_is_read_as_one() throws IOException {
        assertThat(MdnsPacket.read(MdnsPacket.question())).isEqualTo(new MdnsPacket.Question());
    }

    @Test
    void an_answer_carries_the_addresses_with_the_peer_id() throws IOException {
        byte[] packet = MdnsPacket.answer(LABEL, self, List.of(address, Multiaddr.parse("/ip6/2001:db8::1/tcp/4001")));

        assertThat(MdnsPacket.read(packet))
                .isEqualTo(new MdnsPacket.Answer(List.of(
                        address.of(self),
                        Multiaddr.parse("/ip6/2001:db8::1/tcp/4001").of(self))));
    }

    /// go-libp2p's resolver keeps one TXT record for a service, and waits for an address of its host.
    @Test
    void an_answer_is_a_whole_service_with_all_addresses_in_one_text() throws IOException {
        Multiaddr other = Multiaddr.parse("/ip6/2001:db8::1/tcp/4001");
        var message = new Message(MdnsPacket.answer(LABEL, self, List.of(address, other, address)));
        assertThat(message.getSection(Section.ADDITIONAL).stream().map(r -> Type.string(r.getType())))
                .containsExactly("TXT", "SRV", "A", "AAAA");
        assertThat(((TXTRecord) message.getSection(Section.ADDITIONAL).getFirst()).getStrings())
                .containsExactly(
                        "dnsaddr=" + address.of(self), "dnsaddr=" + other.of(self), "dnsaddr=" + address.of(self));
    }

    @Test
    void addresses_without_a_peer_and_of_unknown_transports_are_left_out() throws Exception {
        var message = new Message(0);
        message.getHeader().setFlag(Flags.QR);
        Name name = Name.fromString("x", MdnsPacket.SERVICE);
        for (String text : List.of(
                "dnsaddr=/ip4/192.0.2.1/tcp/1",
                "dnsaddr=/carrier-pigeon/1",
                "other=1",
                "dnsaddr=" + address.of(self))) {
            message.addRecord(new TXTRecord(name, DClass.IN, 1, text), Section.ADDITIONAL);
        }
        Name stranger = Name.fromString("x._http._tcp.local.");
        message.addRecord(new TXTRecord(stranger, DClass.IN, 1, "dnsaddr=" + address.of(self)), Section.ADDITIONAL);

        assertThat(MdnsPacket.read(message.toWire())).isEqualTo(new MdnsPacket.Answer(List.of(address.of(self))));
    }

    @Test
    void no_packet_does_more_than_be_refused() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[][] good = {MdnsPacket.question(), MdnsPacket.answer(LABEL, self, List.of(address, address))};
        for (int i = 0; i < 100_000; i++) {
            byte[] packet = good[i % 2].clone();
            for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
                packet[random.nextInt(packet.length)] = (byte) random.nextInt();
            }
            packet = java.util.Arrays.copyOf(packet, random.nextInt(packet.length + 8));
            try {
                MdnsPacket.read(packet);
            } catch (IOException e) {
                assertThat(e).as("seed %d, packet %d", seed, i).hasMessageNotContaining("null");
            } catch (RuntimeException e) {
                throw new AssertionError("seed %d, packet %d".formatted(seed, i), e);
            }
        }
    }

    @Test
    void a_packet_beyond_the_largest_is_refused_unread() {
        assertThatThrownBy(() -> MdnsPacket.read(new byte[MdnsPacket.MAX_SIZE + 1]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("9001");
    }
}
