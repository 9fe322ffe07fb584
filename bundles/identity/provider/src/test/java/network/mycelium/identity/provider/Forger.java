package network.mycelium.identity.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.Charters;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Rule;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.Envelopes;

/// Makes documents that no honest node makes, as somebody with a key can.
final class Forger {
    private final Hash network;

    /// @param network its id
    Forger(String network) {
        this.network = Hash.parse(network);
    }

    private static byte[] signed(SigningInput form, byte[] document, Envelopes... by) {
        List<Signature> signatures = new ArrayList<>();
        for (Envelopes each : by) {
            signatures.add(new NodeSigner(each).sign(form, Hash.sha256(document)));
        }
        var signed = Signed.of(document, signatures);
        return switch (form) {
            case CHARTER -> new Item.OfCharter(signed).toBytes();
            case STATEMENT -> new Item.OfStatement(signed).toBytes();
            case ROTATION -> new Item.OfRotation(signed).toBytes();
        };
    }

    /// A statement under a charter of the signer's choice, with whatever sequence and date.
    byte[] statement(
            Register register, Charters.Charter under, long sequence, long said, byte[] body, Envelopes... by) {
        byte[] document = Statement.of(
                        network, register, under.version(), Hash.parse(under.hash()), sequence, said, 0, body)
                .toBytes();
        return signed(SigningInput.STATEMENT, document, by);
    }

    /// A rotation, signed by whom one likes.
    byte[] rotation(String member, int generation, Envelopes old, Envelopes next, Envelopes... by) {
        byte[] document = new Rotation(
                        network, member, generation, NodeSigner.key(old.self()), NodeSigner.key(next.self()))
                .toBytes();
        return signed(SigningInput.ROTATION, document, by);
    }

    /// A charter with operators and an attempt of the signer's choice, by which each of them says everything alone.
    byte[] charter(Document<Charter> parent, List<Operator> operators, int attempt, Envelopes... by) {
        Charter before = parent.content();
        var charter = new Charter(
                Optional.of(network),
                before.version() + 1,
                Optional.of(parent.hash()),
                attempt,
                before.made(),
                operators,
                List.of(),
                operators.size() / 2 + 1,
                before.rules().stream()
                        .map(rule -> new Rule(rule.kind(), 1, rule.once()))
                        .toList(),
                List.of(),
                before.validatorsSince(),
                before.roots(),
                before.floor());
        return signed(SigningInput.CHARTER, charter.toBytes(), by);
    }

    /// The same item with signatures that are none.
    static byte[] junk(byte[] item, int signatures) {
        Signed signed = switch (Item.parse(item)) {
            case Item.OfStatement(Signed s) -> s;
            case Item.OfCharter(Signed s) -> s;
            case Item.OfRotation(Signed s) -> s;
            case Item.OfRoot _ -> throw new IllegalArgumentException("a list has no signatures");
        };
        List<Signature> all = new ArrayList<>();
        for (int i = 0; i < signatures; i++) {
            all.add(new Signature(NodeSigner.key(Keys.envelopes(1000 + i).self()), new byte[Signature.SIZE]));
        }
        return new Item.OfStatement(Signed.of(signed.document(), all)).toBytes();
    }
}
