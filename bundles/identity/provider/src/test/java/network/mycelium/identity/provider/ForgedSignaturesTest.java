package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import network.mycelium.identity.Charters;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Operator;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.Limits;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Documents with good signatures and bad ones, which honest nodes take and pass on.
class ForgedSignaturesTest {
    private static final Envelopes FOUNDER = Keys.envelopes(1);
    private static final PeerId HOSTILE = Keys.envelopes(2).self();
    private static final PeerId HONEST = Keys.envelopes(3).self();
    private static final Envelopes BOB = Keys.envelopes(4);

    @TempDir
    Path temp;

    private final List<PeerId> disconnected = new ArrayList<>();
    private final FakeTopic topic = new FakeTopic();
    private NetworkDocuments documents;
    private Forger forger;
    private long now = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    /// Keeps what decides about messages.
    private static final class FakeTopic implements Topic {
        private Validator validator = message -> Verdict.IGNORE;

        @Override
        public String name() {
            return "statements";
        }

        @Override
        public void publish(byte[] data) {}

        @Override
        public AutoCloseable subscribe(Consumer<Message> subscriber) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void validate(Validator with) {
            validator = with;
        }

        @Override
        public Set<PeerId> peers() {
            return Set.of();
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void begin() throws IOException {
        Founded founded = Founded.make("n", NodeSigner.key(FOUNDER.self()), Instant.ofEpochMilli(now), false);
        Document<Genesis> genesis = Document.genesis(founded.genesis());
        documents = new NetworkDocuments(genesis, temp, new NodeSigner(FOUNDER), this::later, List::of);
        forger = new Forger(genesis.hash().toString());
        documents.spread(topic, peer -> {}, disconnected::add);
        Document<Charter> first = documents.read(Holding::tip);
        List<Operator> operators = List.of(
                new Operator("founder", NodeSigner.key(FOUNDER.self()), 0),
                new Operator("bob", NodeSigner.key(BOB.self()), 1));
        assertThat(hear(forger.charter(first, operators, 1, FOUNDER, BOB), FOUNDER.self()))
                .isEqualTo(Topic.Verdict.ACCEPT);
        assertThat(certify(0, HOSTILE, FOUNDER.self())).isEqualTo(Topic.Verdict.ACCEPT);
        assertThat(certify(0, HONEST, FOUNDER.self())).isEqualTo(Topic.Verdict.ACCEPT);
    }

    /// So much later each time that signatures are checked without a pause.
    private Instant later() {
        now += 100;
        return Instant.ofEpochMilli(now);
    }

    private Topic.Verdict hear(byte[] item, PeerId author) {
        return topic.validator.check(new Topic.Message("statements", author, Optional.of(HONEST), new byte[8], item));
    }

    private byte[] certificate(int number, PeerId who) {
        byte[] body = new Terms(Access.STANDARD, List.of(), Map.of())
                .certificate(1, NodeSigner.key(who), "member-" + who.brief() + number)
                .toBytes();
        return forger.statement(Register.member(who.toString()), charter(), 1, 1, body, FOUNDER);
    }

    private Topic.Verdict certify(int number, PeerId who, PeerId author) {
        return hear(certificate(number, who), author);
    }

    private Charters.Charter charter() {
        return documents.read(holding -> CharterOffice.shown(holding.tip()));
    }

    /// Somebody else's true statement, with a signature that is none of who else may say it.
    private byte[] spoilt(int number) {
        Signed signed = ((Item.OfStatement)
                        Item.parse(certificate(number, Keys.envelopes(number).self())))
                .signed();
        List<Signature> both = new ArrayList<>(signed.signatures());
        both.add(new Signature(NodeSigner.key(BOB.self()), new byte[Signature.SIZE]));
        return new Item.OfStatement(Signed.of(signed.document(), both)).toBytes();
    }

    @Test
    void who_spoils_what_is_true_is_disconnected_and_nobody_else() {
        for (int i = 0; i < Limits.BAD_SIGNATURES; i++) {
            assertThat(hear(spoilt(1000 + i), HOSTILE)).isEqualTo(Topic.Verdict.ACCEPT);
        }
        assertThat(certify(0, Keys.envelopes(5).self(), FOUNDER.self())).isEqualTo(Topic.Verdict.ACCEPT);
        assertThat(disconnected).isEmpty();
        assertThat(hear(spoilt(10), HOSTILE)).isEqualTo(Topic.Verdict.IGNORE);
        assertThat(disconnected).containsExactly(HOSTILE);
        assertThat(certify(0, Keys.envelopes(6).self(), FOUNDER.self())).isEqualTo(Topic.Verdict.ACCEPT);
    }

    @Test
    void who_gives_them_in_a_comparison_is_disconnected() {
        List<byte[]> items = new ArrayList<>();
        for (int i = 0; i <= Limits.BAD_SIGNATURES; i++) {
            items.add(spoilt(1000 + i));
        }
        assertThatThrownBy(() -> documents.takeAll(items, Sender.member(HOSTILE.toString())))
                .isInstanceOf(IOException.class);
        assertThat(disconnected).containsExactly(HOSTILE);
    }
}
