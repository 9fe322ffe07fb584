package network.mycelium.identity.core.document;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.wire.Fields;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// Says what holds about one register.
///
/// @param charter version of the charter that held where it was made
/// @param sequence 1 to 2^32−1
/// @param said in milliseconds; shown, never judged
/// @param expires in milliseconds, 0 for never
/// @param body not copied; for the kinds `member` and `renewal` it has been checked
/// @param member what the body says, where the kind is `member`
/// @param renewal what the body says, where the kind is `renewal`
public record Statement(
        Hash network,
        Register register,
        int charter,
        Hash charterHash,
        long sequence,
        long said,
        long expires,
        byte[] body,
        Optional<Member> member,
        Optional<Renewal> renewal) {
    public static final int MAX_BODY = 64 << 10;
    /// Of the kinds `member` and `renewal`.
    public static final int MAX_MEMBER_BODY = 2 << 10;
    /// In bytes of UTF-8.
    public static final int MAX_KIND = 64;
    /// In bytes of UTF-8.
    public static final int MAX_KEY = 256;
    /// All of it.
    public static final int MAX_SIZE = MAX_BODY + MAX_KIND + MAX_KEY + 256;

    /// @throws MalformedDocument if it is none, or the body is none of its kind
    public static Statement parse(byte[] bytes) {
        return Fields.canonical("statement", bytes, MAX_SIZE, Statement::read, Statement::write);
    }

    /// @throws MalformedDocument if a bound is not kept, or the body is none of its kind
    public static Statement of(
            Hash network,
            Register register,
            int charter,
            Hash charterHash,
            long sequence,
            long said,
            long expires,
            byte[] body) {
        Fields.require(
                !register.kind().isEmpty()
                        && utf8(register.kind()) <= MAX_KIND
                        && !register.kind().equals(Rule.OTHERS),
                "a statement has a kind of at most 64 bytes");
        Fields.require(utf8(register.key()) <= MAX_KEY, "a statement's key has at most 256 bytes");
        Fields.require(sequence >= 1 && sequence <= Fields.MAX_UINT32, "a sequence is 1 to 4294967295");
        boolean member = register.kind().equals(Member.KIND);
        boolean renewal = register.kind().equals(Renewal.KIND);
        int limit = member || renewal ? MAX_MEMBER_BODY : MAX_BODY;
        Fields.require(body.length <= limit, "a body has at most %d bytes".formatted(limit));
        return new Statement(
                network,
                register,
                charter,
                charterHash,
                sequence,
                said,
                expires,
                body,
                member ? Optional.of(Member.parse(register.key(), body)) : Optional.empty(),
                renewal ? Optional.of(Renewal.parse(body)) : Optional.empty());
    }

    public byte[] toBytes() {
        return write().toBytes();
    }

    public String kind() {
        return register.kind();
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static Statement read(ProtoReader in) {
        Hash network = null;
        String kind = "";
        String key = "";
        int charter = 0;
        Hash charterHash = null;
        long sequence = 0;
        long said = 0;
        long expires = 0;
        byte[] body = {};
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> network = Hash.of(in.bytes());
                case 2 -> kind = in.text();
                case 3 -> key = in.text();
                case 4 -> charter = Fields.number(in);
                case 5 -> charterHash = Hash.of(in.bytes());
                case 7 -> sequence = Fields.uint32(in);
                case 8 -> said = Fields.time(in);
                case 9 -> expires = Fields.time(in);
                case 10 -> body = in.bytes();
                default -> throw new MalformedDocument("a statement has an unknown field");
            }
        }
        Fields.require(network != null && charterHash != null, "a statement names its network and charter");
        return of(network, new Register(kind, key), charter, charterHash, sequence, said, expires, body);
    }

    private ProtoWriter write() {
        var out = new ProtoWriter().bytes(1, network.bytes());
        Fields.put(out, 2, register.kind());
        Fields.put(out, 3, register.key());
        Fields.put(out, 4, charter);
        out.bytes(5, charterHash.bytes());
        Fields.put(out, 7, sequence);
        Fields.put(out, 8, said);
        Fields.put(out, 9, expires);
        Fields.put(out, 10, body);
        return out;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Statement that && java.util.Arrays.equals(toBytes(), that.toBytes());
    }

    @Override
    public int hashCode() {
        return register.hashCode();
    }
}
