package network.mycelium.libp2p;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import network.mycelium.libp2p.multiformats.Varint;

/// A self-describing network address such as `/ip4/127.0.0.1/tcp/4001/p2p/12D3…`, as in multiformats/multiaddr.
public record Multiaddr(List<Part> parts) {
    private static final int MAX_PARTS = 16;
    private static final int MAX_NAME = 253;
    private static final Pattern IP4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IP6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /// One step of an address.
    ///
    /// @param value as text, empty for a protocol without one
    public record Part(Protocol protocol, String value) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Part part && protocol == part.protocol && value.equals(part.value);
        }

        @Override
        public int hashCode() {
            return 31 * protocol.code + value.hashCode();
        }
    }

    /// The protocols of the multiaddr table that are understood.
    public enum Protocol {
        IP4(4, "ip4", 4),
        TCP(6, "tcp", 2),
        IP6(41, "ip6", 16),
        IP6ZONE(42, "ip6zone", -1),
        DNS(53, "dns", -1),
        DNS4(54, "dns4", -1),
        DNS6(55, "dns6", -1),
        DNSADDR(56, "dnsaddr", -1),
        UDP(273, "udp", 2),
        P2P_CIRCUIT(290, "p2p-circuit", 0),
        P2P(421, "p2p", -1),
        TLS(448, "tls", 0),
        QUIC_V1(461, "quic-v1", 0),
        WS(477, "ws", 0),
        WSS(478, "wss", 0);

        private final int code;
        private final String label;
        private final int size;

        Protocol(int code, String label, int size) {
            this.code = code;
            this.label = label;
            this.size = size;
        }

        /// The name in an address.
        public String label() {
            return label;
        }

        private static Optional<Protocol> of(long code) {
            return Arrays.stream(values()).filter(p -> p.code == code).findFirst();
        }

        private static Optional<Protocol> of(String name) {
            return name.equals("ipfs")
                    ? Optional.of(P2P)
                    : Arrays.stream(values()).filter(p -> p.label.equals(name)).findFirst();
        }
    }

    public Multiaddr {
        parts = List.copyOf(parts);
        if (parts.isEmpty() || parts.size() > MAX_PARTS) {
            throw new IllegalArgumentException(
                    "An address has 1 to %d parts, not %d".formatted(MAX_PARTS, parts.size()));
        }
    }

    /// @throws IllegalArgumentException with what is wrong, and where
    public static Multiaddr parse(String text) {
        try {
            if (!text.startsWith("/")) {
                throw new IllegalArgumentException("it does not begin with /");
            }
            String[] words = text.replaceAll("/+$", "").substring(1).split("/", -1);
            List<Part> parts = new ArrayList<>();
            for (int i = 0; i < words.length; i++) {
                String name = words[i];
                Protocol protocol = Protocol.of(name)
                        .orElseThrow(() -> new IllegalArgumentException("there is no protocol \"" + name + "\""));
                String value = "";
                if (protocol.size != 0) {
                    if (++i == words.length) {
                        throw new IllegalArgumentException(name + " has no value");
                    }
                    value = text(protocol, bytes(protocol, words[i]));
                }
                parts.add(new Part(protocol, value));
            }
            return new Multiaddr(parts);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"%s\" is no multiaddr: %s".formatted(text, e.getMessage()), e);
        }
    }

    /// @throws IllegalArgumentException if the bytes are not exactly one address of protocols that are understood
    public static Multiaddr parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        List<Part> parts = new ArrayList<>();
        while (in.hasRemaining() && parts.size() <= MAX_PARTS) {
            long code = Varint.read(in);
            Protocol protocol = Protocol.of(code)
                    .orElseThrow(() -> new IllegalArgumentException("There is no protocol of number " + code));
            long size = protocol.size >= 0 ? protocol.size : Varint.read(in);
            if (size > in.remaining() || size > MAX_NAME) {
                throw new IllegalArgumentException("The value of %s is cut off or too long".formatted(protocol.label));
            }
            byte[] value = new byte[(int) size];
            in.get(value);
            parts.add(new Part(protocol, protocol.size == 0 ? "" : text(protocol, value)));
        }
        return new Multiaddr(parts);
    }

    /// Of a TCP socket.
    public static Multiaddr tcp(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return new Multiaddr(List.of(
                new Part(ip.getAddress().length == 4 ? Protocol.IP4 : Protocol.IP6, plain(ip)),
                new Part(Protocol.TCP, Integer.toString(address.getPort()))));
    }

    /// This address of that peer: with `/p2p/ID` at its end.
    public Multiaddr of(PeerId peer) {
        List<Part> all = new ArrayList<>(withoutPeer().parts);
        all.add(new Part(Protocol.P2P, peer.toString()));
        return new Multiaddr(all);
    }

    /// Without the `/p2p/ID` at its end, if there is one and something before it.
    public Multiaddr withoutPeer() {
        return parts.size() > 1 && parts.getLast().protocol == Protocol.P2P
                ? new Multiaddr(parts.subList(0, parts.size() - 1))
                : this;
    }

    /// The peer at its end.
    public Optional<PeerId> peer() {
        Part last = parts.getLast();
        return last.protocol == Protocol.P2P ? Optional.of(PeerId.parse(last.value)) : Optional.empty();
    }

    /// The value of the first part of this protocol.
    public Optional<String> value(Protocol protocol) {
        return parts.stream()
                .filter(p -> p.protocol == protocol)
                .map(Part::value)
                .findFirst();
    }

    /// Whether this is plain TCP over IP or a DNS name, with or without a peer at its end.
    public boolean isTcp() {
        List<Part> plain = withoutPeer().parts;
        return plain.size() == 2
                && plain.get(1).protocol == Protocol.TCP
                && switch (plain.get(0).protocol) {
                    case IP4, IP6, DNS, DNS4, DNS6 -> true;
                    default -> false;
                };
    }

    public byte[] bytes() {
        var out = new ByteArrayOutputStream();
        for (Part part : parts) {
            Varint.write(part.protocol.code, out);
            if (part.protocol.size != 0) {
                byte[] value = bytes(part.protocol, part.value);
                if (part.protocol.size < 0) {
                    Varint.write(value.length, out);
                }
                out.writeBytes(value);
            }
        }
        return out.toByteArray();
    }

    private static byte[] bytes(Protocol protocol, String text) {
        return switch (protocol) {
            case IP4 -> ip(text, IP4, 4);
            case IP6 -> ip(text, IP6, 16);
            case TCP, UDP -> port(text);
            case P2P -> PeerId.parse(text).bytes();
            default -> name(text);
        };
    }

    private static byte[] ip(String text, Pattern pattern, int size) {
        if (pattern.matcher(text).matches()) {
            try {
                // Literals only: the patterns see to it that no name is ever looked up.
                byte[] address = InetAddress.getByName(text).getAddress();
                if (address.length == size) {
                    return address;
                }
                if (size == 16 && address.length == 4) {
                    byte[] mapped = new byte[16];
                    mapped[10] = mapped[11] = (byte) 0xff;
                    System.arraycopy(address, 0, mapped, 12, 4);
                    return mapped;
                }
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("\"" + text + "\" is no IP address", e);
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no IP address of " + size + " bytes");
    }

    private static byte[] port(String text) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 0xffff) {
            throw new IllegalArgumentException("\"" + text + "\" is no port from 0 to 65535");
        }
        int port = Integer.parseInt(text);
        return new byte[] {(byte) (port >> 8), (byte) port};
    }

    private static byte[] name(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0
                || bytes.length > MAX_NAME
                || !text.chars().allMatch(c -> c > ' ' && c != '/' && c < 0x7f)) {
            throw new IllegalArgumentException("a name is 1 to " + MAX_NAME + " visible characters");
        }
        return bytes;
    }

    private static String text(Protocol protocol, byte[] value) {
        return switch (protocol) {
            case IP4 -> ip4(value);
            case IP6 -> ip6(value);
            case TCP, UDP -> Integer.toString((value[0] & 0xff) << 8 | value[1] & 0xff);
            case P2P -> PeerId.parse(value).toString();
            default -> {
                String text = new String(value, StandardCharsets.UTF_8);
                name(text);
                yield text;
            }
        };
    }

    private static String plain(InetAddress ip) {
        byte[] bytes = ip.getAddress();
        return text(bytes.length == 4 ? Protocol.IP4 : Protocol.IP6, bytes);
    }

    private static String ip4(byte[] value) {
        var out = new StringBuilder();
        for (byte number : value) {
            out.append(out.isEmpty() ? "" : ".").append(number & 0xff);
        }
        return out.toString();
    }

    /// As RFC 5952 recommends: lower case, the longest run of zeros cut.
    private static String ip6(byte[] value) {
        int[] words = new int[8];
        for (int i = 0; i < 8; i++) {
            words[i] = (value[2 * i] & 0xff) << 8 | value[2 * i + 1] & 0xff;
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && words[end] == 0) {
                end++;
            }
            if (end - i > bestLength) {
                bestStart = i;
                bestLength = end - i;
            }
        }
        var out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                out.append("::");
                i += bestLength - 1;
            } else {
                if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
                    out.append(':');
                }
                out.append(Integer.toHexString(words[i]));
            }
        }
        return out.toString();
    }

    @Override
    public String toString() {
        var out = new StringBuilder();
        for (Part part : parts) {
            out.append('/').append(part.protocol.label);
            if (part.protocol.size != 0) {
                out.append('/').append(part.value);
            }
        }
        return out.toString();
    }

    // Written out, here and in Part: what the compiler makes of a record is linked when it first runs, which is at boot
    // and takes longer than the rest of opening a port.

    @Override
    public boolean equals(Object other) {
        return other instanceof Multiaddr address && parts.equals(address.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }
}
