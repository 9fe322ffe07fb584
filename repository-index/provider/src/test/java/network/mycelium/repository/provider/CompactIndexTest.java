package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.mycelium.files.Sha256;
import network.mycelium.repository.RepositoryException;
import org.apache.felix.utils.resource.RequirementImpl;
import org.junit.jupiter.api.Test;
import org.osgi.resource.Requirement;

class CompactIndexTest {
    private static final URI BASE = URI.create("file:///repo/");
    private static final String KEY = "ed25519:key";
    private static final TrustedSource SOURCE = new TrustedSource(BASE, Optional.of(KEY), -1, "");
    private static final String SHA256 = "cd".repeat(32);

    private static String resource(String name, String version) {
        return """
                <resource>
                  <capability namespace="osgi.identity"><attribute name="osgi.identity" value="%1$s"/><attribute name="type" value="osgi.bundle"/><attribute name="license" value="MIT"/><attribute name="version" type="Version" value="%2$s"/></capability>
                  <capability namespace="osgi.content"><attribute name="osgi.content" value="%3$s"/><attribute name="url" value="bundles/%1$s.jar"/><attribute name="size" type="Long" value="5"/><attribute name="mycelium.chunks" value="%3$s:5"/></capability>
                  <capability namespace="mycelium.signature"><attribute name="publisher" value="%4$s"/><attribute name="signature" value="AAAA"/></capability>
                  <capability namespace="mycelium.component"><attribute name="mycelium.component" value="%1$s-component"/></capability>
                  <capability namespace="osgi.service"><attribute name="objectClass" type="List&lt;String&gt;" value="x.Y,x\\,Zü"/><directive name="uses" value="x,y"/></capability>
                  <capability namespace="some.numbers"><attribute name="half" type="Double" value="0.5"/><attribute name="all" type="List&lt;Long&gt;" value="1,2"/></capability>
                  <requirement namespace="osgi.wiring.package"><directive name="filter" value="(osgi.wiring.package=p)"/></requirement>
                </resource>
                """.formatted(name, version, digest(name + version), KEY);
    }

    private static String digest(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static IndexDocument document(String... resources) throws RepositoryException {
        String xml = "<repository name=\"r\" increment=\"7\">" + String.join("", resources) + "</repository>";
        return IndexReader.read(BASE, xml.getBytes(StandardCharsets.UTF_8), Optional.of(KEY));
    }

    private static CompactIndex compact(IndexDocument document) {
        return CompactIndex.open(CompactIndexWriter.write(document, SOURCE, SHA256))
                .orElseThrow();
    }

    private static Stream<String> ids(List<IndexedResource> resources) {
        return resources.stream().map(r -> r.ref().id());
    }

    @Test
    void holds_all_that_the_document_says() throws Exception {
        IndexDocument document = document(resource("b", "1.0.0"), resource("a", "1.0.0"), resource("a", "1.10.0"));
        CompactIndex index = compact(document);
        assertThat(index.sequence()).isEqualTo(7);
        assertThat(index.size()).isEqualTo(3);

        List<IndexedResource> read = index.offering("osgi.identity", "");
        assertThat(ids(read)).containsExactly("a 1.10.0", "a 1.0.0", "b 1.0.0");
        List<IndexedResource> given =
                document.resources().stream().sorted(IndexedResource.ORDER).toList();
        assertThat(IndexWriter.write("r", 7, read)).isEqualTo(IndexWriter.write("r", 7, given));
        assertThat(read.stream().map(IndexedResource::ref))
                .isEqualTo(given.stream().map(IndexedResource::ref).toList());
        assertThat(read.getFirst()
                        .getCapabilities("osgi.service")
                        .getFirst()
                        .getAttributes()
                        .get("objectClass"))
                .isEqualTo(List.of("x.Y", "x,Zü"));
    }

    @Test
    void finds_bundles_by_what_they_offer_and_by_text() throws Exception {
        CompactIndex index = compact(document(resource("b", "1.0.0"), resource("a", "1.0.0"), resource("a", "2.0.0")));
        assertThat(ids(index.offering("osgi.identity", "a"))).containsExactly("a 2.0.0", "a 1.0.0");
        assertThat(ids(index.offering("mycelium.component", "b-component"))).containsExactly("b 1.0.0");
        assertThat(ids(index.offering("osgi.identity", "c"))).isEmpty();
        assertThat(ids(index.offering("no.such", ""))).isEmpty();
        assertThat(ids(index.search("b-comp"))).containsExactly("b 1.0.0");
        assertThat(ids(index.search("a"))).containsExactly("a 2.0.0", "a 1.0.0");
        assertThat(index.offering("osgi.identity", "b").getFirst())
                .isSameAs(index.search("b").getFirst());
    }

    /// "Aa" and "BB" have one hash.
    @Test
    void what_has_only_the_same_hash_is_not_taken_for_it() throws Exception {
        var catalog = new IndexCatalog(List.of(compact(document(resource("Aa", "1.0.0"), resource("BB", "1.0.0")))));
        assertThat(catalog.named("osgi.identity", "Aa"))
                .extracting(c -> c.getAttributes().get("osgi.identity"))
                .containsExactly("Aa");
        Requirement requirement = new RequirementImpl(
                new IndexedResource(), "osgi.identity", Map.of("filter", "(osgi.identity=BB)"), Map.of());
        assertThat(catalog.matching(requirement))
                .extracting(c -> c.getAttributes().get("osgi.identity"))
                .containsExactly("BB");
    }

    @Test
    void several_indexes_are_one_catalog_in_order() throws Exception {
        var catalog = new IndexCatalog(List.of(
                compact(document(resource("a", "1.0.0"), resource("c", "1.0.0"))),
                compact(document(resource("b", "1.0.0"), resource("a", "2.0.0")))));
        assertThat(catalog.search("").stream().map(r -> r.id()))
                .containsExactly("a 2.0.0", "a 1.0.0", "b 1.0.0", "c 1.0.0");
        assertThat(catalog.all("osgi.identity"))
                .extracting(c -> c.getAttributes().get("version").toString())
                .containsExactly("2.0.0", "1.0.0", "1.0.0", "1.0.0");
        assertThat(catalog.componentOf(catalog.search("b").getFirst())).contains("b-component");
    }

    @Test
    void belongs_to_one_document_one_place_and_one_publisher() throws Exception {
        CompactIndex index = compact(document(resource("a", "1.0.0")));
        assertThat(index.isOf(SOURCE, SHA256)).isTrue();
        assertThat(index.isOf(SOURCE, "00".repeat(32))).isFalse();
        assertThat(index.isOf(new TrustedSource(BASE, Optional.empty(), -1, ""), SHA256))
                .isFalse();
        assertThat(index.isOf(new TrustedSource(URI.create("file:///other/"), Optional.of(KEY), -1, ""), SHA256))
                .isFalse();
    }

    @Test
    void what_was_changed_or_cut_anywhere_is_not_opened() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        byte[] good = CompactIndexWriter.write(
                document(IntStream.range(0, 5)
                        .mapToObj(i -> resource("n" + i, "1.0.0"))
                        .toArray(String[]::new)),
                SOURCE,
                SHA256);
        var lengths = new ArrayList<Integer>(List.of(0, 1, CompactIndex.HEADER_BYTES, good.length - 1));
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(CompactIndex.open(bytes))
                    .as("seed %d, round %d", seed, i)
                    .isEmpty();
            lengths.add(random.nextInt(good.length));
        }
        for (int length : lengths) {
            assertThat(CompactIndex.open(java.util.Arrays.copyOf(good, length)))
                    .as("seed %d, cut at %d", seed, length)
                    .isEmpty();
        }
    }
}
