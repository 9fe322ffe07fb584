package network.mycelium.identity.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Access;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.SignatureCheck;
import network.mycelium.identity.core.wire.SigningInput;

/// Signatures that cost little: a hash with the key's id and a salt. Whoever does not know the salt cannot forge one.
public final class Stubs {
    private static final byte[] SALT = "known to the tests alone".getBytes(StandardCharsets.UTF_8);

    public static final SignatureCheck CHECK = (key, input, signature) -> Arrays.equals(signature, raw(key, input));

    private Stubs() {}

    public static Key key(String name) {
        return new Key(Hash.sha256(name.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] raw(Key key, byte[] input) {
        byte[] half = Hash.sha256(SALT, key.point().bytes(), input).bytes();
        byte[] both = Arrays.copyOf(half, Signature.SIZE);
        System.arraycopy(half, 0, both, 32, 32);
        return both;
    }

    public static Signature sign(SigningInput domain, byte[] document, Key key) {
        return new Signature(key, raw(key, domain.over(Hash.sha256(document))));
    }

    public static Signature forge(SigningInput domain, byte[] document, Key key) {
        byte[] bytes = sign(domain, document, key).signature();
        bytes[5] ^= 1;
        return new Signature(key, bytes);
    }

    public static Signed signed(SigningInput domain, byte[] document, Collection<Key> keys) {
        return Signed.of(
                document,
                keys.stream().distinct().map(key -> sign(domain, document, key)).toList());
    }

    public static byte[] charter(Charter charter, Key... keys) {
        return new Item.OfCharter(signed(SigningInput.CHARTER, charter.toBytes(), List.of(keys))).toBytes();
    }

    public static byte[] statement(Statement statement, Key... keys) {
        return new Item.OfStatement(signed(SigningInput.STATEMENT, statement.toBytes(), List.of(keys))).toBytes();
    }

    public static byte[] rotation(Rotation rotation, Key... keys) {
        return new Item.OfRotation(signed(SigningInput.ROTATION, rotation.toBytes(), List.of(keys))).toBytes();
    }

    /// A network with these operators and codes, and rules: member and renewal 1, the rest as given.
    public static Document<Genesis> genesis(int threshold, int rule, List<Key> operators, List<Key> recovery) {
        List<Operator> all = new ArrayList<>();
        for (Key key : operators) {
            all.add(new Operator("op" + all.size(), key, 0));
        }
        var charter = new Charter(
                Optional.empty(),
                0,
                Optional.empty(),
                0,
                1_000,
                all,
                recovery,
                threshold,
                List.of(
                        new Rule("*", rule, false),
                        new Rule("member", 1, false),
                        new Rule("renewal", 1, false),
                        new Rule("order", 1, true)),
                List.of(),
                0,
                List.of(),
                0);
        var genesis = new Genesis("home", 1_000, Document.charter(charter.toBytes()), new byte[16]);
        return Document.genesis(genesis.toBytes());
    }

    public static Member certificate(int generation, Key first) {
        return new Member(generation, false, Optional.of(first), "m", Access.STANDARD, List.of("hypha"), List.of());
    }

    public static Statement member(
            Document<Genesis> genesis, Document<Charter> under, String id, long sequence, Member m) {
        return statement(genesis, under, Register.member(id), sequence, 0, m.toBytes());
    }

    public static Statement renewal(
            Document<Genesis> genesis,
            Document<Charter> under,
            String id,
            long sequence,
            int generation,
            long expires) {
        return statement(genesis, under, Register.renewal(id), sequence, 0, new Renewal(generation, expires).toBytes());
    }

    public static Statement statement(
            Document<Genesis> genesis,
            Document<Charter> under,
            Register register,
            long sequence,
            long expires,
            byte[] body) {
        return Statement.of(
                genesis.hash(), register, under.content().version(), under.hash(), sequence, 5, expires, body);
    }
}
