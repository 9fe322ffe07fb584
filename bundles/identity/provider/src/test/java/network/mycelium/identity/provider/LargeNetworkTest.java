package network.mycelium.identity.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.mycelium.identity.Charters;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.Envelopes;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// As many members as one operator may admit.
class LargeNetworkTest {
    private static final int MEMBERS = 10_000;

    @TempDir
    Path temp;

    /// The time that it takes grows with their number, not with its square: that was ten minutes.
    @Test
    @Timeout(60)
    void ten_thousand_members_come_at_once_and_are_told_and_are_there_after_a_restart() throws Exception {
        Envelopes founder = Keys.envelopes(1);
        Founded founded = Founded.make("n", NodeSigner.key(founder.self()), Instant.now(), false);
        Document<Genesis> genesis = Document.genesis(founded.genesis());
        var documents = documents(genesis, founder);
        Set<String> told = ConcurrentHashMap.newKeySet();
        documents.announcements().listen(statement -> told.add(statement.key()));
        Charters.Charter charter = documents.read(holding -> CharterOffice.shown(holding.tip()));
        var forger = new Forger(genesis.hash().toString());
        List<byte[]> items = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            Key key = new Key(Hash.sha256(("member " + i).getBytes(UTF_8)));
            byte[] body = new Terms(Access.STANDARD, List.of("hypha"), Map.of())
                    .certificate(1, key, "member-" + i)
                    .toBytes();
            Register register = Register.member(NodeSigner.peer(key).toString());
            items.add(forger.statement(register, charter, 1, 1, body, founder));
        }

        long begin = System.nanoTime();
        assertThat(documents.takeAll(items, Sender.DISK)).isEqualTo(MEMBERS);
        System.out.printf("%d statements taken in %d ms%n", MEMBERS, (System.nanoTime() - begin) / 1_000_000);
        await().until(() -> told.size() == MEMBERS);
        assertThat(documents(genesis, founder).digests()).isEqualTo(documents.digests());
    }

    private NetworkDocuments documents(Document<Genesis> genesis, Envelopes founder) throws Exception {
        return new NetworkDocuments(genesis, temp, new NodeSigner(founder), InstantSource.system(), List::of);
    }
}
