package network.mycelium.libp2p.mdns;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.Multiaddr.Protocol;
import network.mycelium.libp2p.PeerId;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// What nodes say to each other by multicast (libp2p/specs discovery/mdns.md): who is there, and I am, at these
/// addresses. The DNS messages themselves are dnsjava's.
sealed interface MdnsPacket {
    /// The largest packet that is looked at (RFC 6762, 17).
    int MAX_SIZE = 9000;

    /// More addresses than that of one packet are not taken.
    int MAX_ADDRESSES = 64;

    int TTL_SECONDS = 120;
    String ADDRESS = "dnsaddr=";
    int MAX_TEXT = 255;
    Name DOMAIN = Name.fromConstantString("local.");
    Name SERVICE = Name.fromConstantString("_p2p._udp.local.");

    /// Who is there?
    record Question() implements MdnsPacket {}

    /// Addresses that end in `/p2p/ID`.
    record Answer(List<Multiaddr> addresses) implements MdnsPacket {}

    /// About something else.
    record Other() implements MdnsPacket {}

    static byte[] question() {
        var message = new Message(0);
        message.getHeader().unsetFlag(Flags.RD);
        message.addRecord(Record.newRecord(SERVICE, Type.PTR, DClass.IN), Section.QUESTION);
        return message.toWire();
    }

    /// What the specification asks for is the TXT record. go-libp2p's resolver takes one of them for a
    /// peer, and only from a service that also tells where it is: so all addresses are in one, and SRV, A
    /// and AAAA records come with it.
    ///
    /// @param label a name for this node in this answer: 32 to 63 letters and digits by chance
    /// @param addresses plain TCP
    static byte[] answer(String label, PeerId self, List<Multiaddr> addresses) {
        try {
            Name name = Name.fromString(label, SERVICE);
            Name host = Name.fromString(label, DOMAIN);
            var message = new Message(0);
            message.getHeader().setFlag(Flags.QR);
            message.getHeader().setFlag(Flags.AA);
            message.addRecord(new PTRRecord(SERVICE, DClass.IN, TTL_SECONDS, name), Section.ANSWER);
            List<String> texts = addresses.stream()
                    .map(address -> ADDRESS + address.of(self))
                    .filter(text -> text.length() <= MAX_TEXT)
                    .limit(MAX_ADDRESSES)
                    .toList();
            message.addRecord(new TXTRecord(name, DClass.IN, TTL_SECONDS, texts), Section.ADDITIONAL);
            Set<InetAddress> ips = new LinkedHashSet<>();
            for (Multiaddr address : addresses) {
                InetAddress ip = ip(address);
                if (ips.isEmpty()) {
                    int port = Integer.parseInt(address.value(Protocol.TCP).orElseThrow());
                    message.addRecord(
                            new SRVRecord(name, DClass.IN, TTL_SECONDS, 0, 0, port, host), Section.ADDITIONAL);
                }
                if (ips.add(ip)) {
                    message.addRecord(
                            ip instanceof Inet4Address
                                    ? new ARecord(host, DClass.IN, TTL_SECONDS, ip)
                                    : new AAAARecord(host, DClass.IN, TTL_SECONDS, ip),
                            Section.ADDITIONAL);
                }
            }
            return message.toWire();
        } catch (TextParseException e) {
            throw new IllegalArgumentException(label + " is no label of a domain name", e);
        }
    }

    /// Whether it begins with an address, not with a name that would have to be looked up.
    static boolean isNumber(Multiaddr address) {
        Protocol first = address.parts().getFirst().protocol();
        return first == Protocol.IP4 || first == Protocol.IP6;
    }

    /// Of a plain TCP address.
    static InetAddress ip(Multiaddr address) {
        try {
            return InetAddress.getByName(address.parts().getFirst().value());
        } catch (UnknownHostException e) {
            // Numbers are never looked up.
            throw new IllegalStateException(e);
        }
    }

    /// @throws IOException if it is no DNS message
    static MdnsPacket read(byte[] packet) throws IOException {
        if (packet.length > MAX_SIZE) {
            throw new IOException("A packet of " + packet.length + " bytes");
        }
        Message message;
        try {
            message = new Message(packet);
        } catch (RuntimeException e) {
            throw new IOException("No DNS message", e);
        }
        if (message.getHeader().getFlag(Flags.QR)) {
            return new Answer(addresses(message));
        }
        boolean asked = message.getSection(Section.QUESTION).stream()
                .anyMatch(question -> question.getType() == Type.PTR && SERVICE.equals(question.getName()));
        return asked ? new Question() : new Other();
    }

    private static List<Multiaddr> addresses(Message message) {
        List<Multiaddr> found = new ArrayList<>();
        for (int section : new int[] {Section.ANSWER, Section.ADDITIONAL}) {
            for (Record item : message.getSection(section)) {
                if (item instanceof TXTRecord text && text.getName().subdomain(SERVICE)) {
                    text.getStrings().stream()
                            .filter(t -> t.startsWith(ADDRESS))
                            .forEach(t -> add(t, found));
                }
            }
        }
        return found;
    }

    private static void add(String text, List<Multiaddr> found) {
        try {
            Multiaddr address = Multiaddr.parse(text.substring(ADDRESS.length()));
            if (address.peer().isPresent() && found.size() < MAX_ADDRESSES) {
                found.add(address);
            }
        } catch (IllegalArgumentException e) {
            // A transport that this node does not know: the peer's other addresses may do.
            System.getLogger(MdnsPacket.class.getName())
                    .log(System.Logger.Level.DEBUG, "not an address: {0}", e.getMessage());
        }
    }
}
