package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import network.mycelium.repository.RepositoryException;
import org.junit.jupiter.api.Test;

class IndexReaderTest {
    private static final URI BASE = URI.create("file:///repo/");
    private static final String GOOD = """
            <?xml version="1.0" encoding="UTF-8"?>
            <repository xmlns="http://www.osgi.org/xmlns/repository/v1.0.0" name="r" increment="7">
            <referral url="elsewhere"/>
            <resource>
              <capability namespace="osgi.identity"><attribute name="osgi.identity" value="a.b"/><attribute name="type" value="osgi.bundle"/><attribute name="version" type="Version" value="1.2.3"/></capability>
              <capability namespace="osgi.content"><attribute name="osgi.content" value="%s"/><attribute name="url" value="%s"/><attribute name="size" type="Long" value="5"/></capability>
              <capability namespace="osgi.service"><attribute name="objectClass" type="List&lt;String&gt;" value="x.Y,x\\,Z"/></capability>
              <requirement namespace="osgi.wiring.package"><directive name="filter" value="(osgi.wiring.package=p)"/></requirement>
            </resource>
            </repository>
            """.formatted("ab".repeat(32), "%s");

    private static IndexDocument read(String xml) throws RepositoryException {
        return IndexReader.read(BASE, xml.getBytes(StandardCharsets.UTF_8), Optional.empty());
    }

    @Test
    void reads_what_the_osgi_specification_writes() throws Exception {
        IndexDocument index = read(GOOD.formatted("bundles/a.jar"));
        assertThat(index.sequence()).isEqualTo(7);
        assertThat(index.resources()).hasSize(1);
        assertThat(index.resources().get(0).ref().id()).isEqualTo("a.b 1.2.3");
        assertThat(index.resources()
                        .get(0)
                        .getCapabilities("osgi.service")
                        .get(0)
                        .getAttributes()
                        .get("objectClass"))
                .isEqualTo(java.util.List.of("x.Y", "x,Z"));
    }

    @Test
    void what_is_written_is_read_back_and_written_alike() throws Exception {
        IndexDocument index = read(GOOD.formatted("bundles/a.jar"));
        byte[] written = IndexWriter.write("r", 7, index.resources());
        IndexDocument again = IndexReader.read(BASE, written, Optional.empty());
        assertThat(IndexWriter.write("r", 7, again.resources())).isEqualTo(written);
    }

    @Test
    void refuses_locations_outside_the_repository() {
        for (String url : new String[] {
            "../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "%2e%2e/%2e%2e/x", "mailto:x", "ftp://h/x"
        }) {
            assertThatThrownBy(() -> read(GOOD.replace("%s", url))).as(url).isInstanceOf(RepositoryException.class);
        }
    }

    @Test
    void refuses_document_types_and_entities() {
        String bomb =
                "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
        for (String use : new String[] {"&b;", "&x;", "a.b"}) {
            String xml = GOOD.formatted("a.jar")
                    .replaceFirst("<repository", java.util.regex.Matcher.quoteReplacement(bomb) + "<repository")
                    .replace("a.b", use);
            assertThatThrownBy(() -> read(xml))
                    .as(use)
                    .isInstanceOf(RepositoryException.class)
                    .hasMessageContaining("not valid");
        }
    }

    @Test
    void refuses_a_bundle_without_digest_size_or_twice() {
        assertThatThrownBy(() -> read(GOOD.formatted("a.jar").replace("ab".repeat(32), "short")))
                .hasMessageContaining("digest");
        assertThatThrownBy(() -> read(GOOD.formatted("a.jar").replace("value=\"5\"", "value=\"-5\"")))
                .hasMessageContaining("size");
        String resource = GOOD.formatted("a.jar").replaceAll("(?s).*(<resource>.*</resource>).*", "$1");
        assertThatThrownBy(() -> read(GOOD.formatted("a.jar").replace("</repository>", resource + "</repository>")))
                .hasMessageContaining("twice");
    }

    @Test
    void deep_nesting_does_no_harm() {
        String deep = GOOD.formatted("a.jar")
                .replace(
                        "<referral url=\"elsewhere\"/>",
                        "<referral>" + "<x>".repeat(100_000) + "</x>".repeat(100_000) + "</referral>");
        try {
            assertThat(read(deep).resources()).hasSize(1);
        } catch (RepositoryException e) {
            assertThat(e).hasMessageContaining("not valid");
        }
    }

    @Test
    void mutated_documents_are_read_or_refused_but_never_break_anything() {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        byte[] good = GOOD.formatted("bundles/a.jar").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(8); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
            }
            try {
                IndexReader.read(
                        BASE, java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1), Optional.empty());
                IndexReader.read(BASE, bytes, Optional.empty());
            } catch (RepositoryException e) {
                assertThat(e.kind()).as("seed %d, round %d", seed, i).isEqualTo(RepositoryException.Kind.INVALID);
            }
        }
    }
}
