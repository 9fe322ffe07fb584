package network.mycelium.identity.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Genesis;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.store.DocumentStore;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Sender;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.identity.core.wire.SigningInput;
import network.mycelium.libp2p.core.keys.KeyType;
import network.mycelium.libp2p.core.keys.PublicKey;
import org.junit.jupiter.api.Test;

/// The committed vectors are what this code makes (`-Dvectors.write=FILE` writes them anew), and what it reads.
class VectorsTest {
    private static final String RESOURCE = "/network/mycelium/identity/core/authority-vectors.tsv";

    private static List<String> committed() throws IOException {
        try (var in = VectorsTest.class.getResourceAsStream(RESOURCE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static List<String[]> rows(String what) throws IOException {
        return committed().stream()
                .map(line -> line.split("\t", -1))
                .filter(row -> row[0].equals(what))
                .toList();
    }

    @Test
    void the_committed_vectors_are_what_this_code_makes() throws IOException {
        List<String> made = new Vectors().lines();
        String write = System.getProperty("vectors.write");
        if (write != null) {
            Files.write(Path.of(write), made);
        } else {
            assertThat(committed()).isEqualTo(made);
        }
    }

    @Test
    void documents_have_the_hash_and_signing_input_of_the_vectors() throws IOException {
        assertThat(rows("document")).hasSizeGreaterThanOrEqualTo(6);
        for (String[] row : rows("document")) {
            byte[] bytes = HexFormat.of().parseHex(row[2]);
            parse(row[1], bytes);
            assertThat(Hash.sha256(bytes)).hasToString(row[3]);
        }
        for (String[] row : rows("signature")) {
            var domain = SigningInput.valueOf(row[1]);
            byte[] input = domain.over(Hash.parse(row[2]));
            assertThat(HexFormat.of().formatHex(input)).isEqualTo(row[3]);
            var key = PublicKey.parse(HexFormat.of().parseHex(row[4]));
            assertThat(key.type()).isEqualTo(KeyType.ED25519);
            assertThat(key.verify(input, HexFormat.of().parseHex(row[5]))).isTrue();
        }
    }

    private static Object parse(String what, byte[] bytes) {
        return switch (what) {
            case "genesis" -> Genesis.parse(bytes);
            case "charter" -> Charter.parse(bytes);
            case "statement" -> Statement.parse(bytes);
            case "rotation" -> Rotation.parse(bytes);
            case "list" -> RootList.parse(bytes);
            case "signed" -> Signed.parse(bytes);
            default -> throw new IllegalArgumentException(what);
        };
    }

    @Test
    void what_the_vectors_refuse_is_refused_for_that_reason() throws IOException {
        assertThat(rows("refused")).hasSizeGreaterThan(25);
        for (String[] row : rows("refused")) {
            assertThatThrownBy(() -> parse(row[1], HexFormat.of().parseHex(row[2])))
                    .as(row[3])
                    .isInstanceOf(MalformedDocument.class)
                    .hasMessageContaining(row[3]);
        }
    }

    @Test
    void each_set_gives_the_holding_of_the_vectors_in_either_order() throws IOException {
        assertThat(rows("set")).hasSizeGreaterThanOrEqualTo(10);
        for (String[] row : rows("set")) {
            byte[] genesis = HexFormat.of().parseHex(row[2]);
            List<byte[]> items = new ArrayList<>();
            for (String hex : row[4].split(",", -1)) {
                items.add(HexFormat.of().parseHex(hex));
            }
            for (List<byte[]> order : List.of(items, items.reversed())) {
                var store = new DocumentStore(Document.genesis(genesis), Vectors.CHECK);
                if (!row[3].isEmpty()) {
                    String[] pin = row[3].split(":", 2);
                    store.pin(new Pin(Integer.parseInt(pin[0]), Hash.parse(pin[1])));
                }
                // The reverse of a chain takes a pass for each of its links.
                for (int pass = 0; pass < 20; pass++) {
                    order.forEach(item -> store.offer(item, Sender.member("p"), 1_000));
                }
                assertThat(Vectors.digest(store)).as(row[1]).hasToString(row[5]);
            }
        }
    }

    @Test
    void items_of_the_sets_read_the_same_when_written_again() throws IOException {
        for (String[] row : rows("set")) {
            for (String hex : row[4].split(",", -1)) {
                byte[] bytes = HexFormat.of().parseHex(hex);
                assertThat(Item.parse(bytes).toBytes()).isEqualTo(bytes);
            }
        }
    }
}
