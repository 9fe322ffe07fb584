package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

class NodeSettingsTest {
    private static final String METATYPE = """
            <MetaData><OCD id="c"><AD id="port" type="Integer" default="8022" description="Where it listens"/>\
            <AD id="hosts" type="String" cardinality="4" default="" description="Whom"/></OCD>\
            <Designate pid="test.known"><Object ocdref="c"/></Designate></MetaData>""";

    private final Map<String, Dictionary<String, Object>> kept = new HashMap<>();
    private final ByteArrayOutputStream told = new ByteArrayOutputStream();
    private NodeSettings settings;

    @BeforeEach
    void open() throws Exception {
        URL file = URL.of(URI.create("memory:metatype.xml"), new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) {
                return new URLConnection(url) {
                    @Override
                    public void connect() {}

                    @Override
                    public ByteArrayInputStream getInputStream() {
                        return new ByteArrayInputStream(METATYPE.getBytes(StandardCharsets.UTF_8));
                    }
                };
            }
        });
        Bundle bundle = Fakes.of(Bundle.class, Map.of("findEntries", a -> Collections.enumeration(List.of(file))));
        settings = new NodeSettings(
                Fakes.of(BundleContext.class, Map.of("getBundles", a -> new Bundle[] {bundle})),
                Fakes.of(
                        ConfigurationAdmin.class,
                        Map.of(
                                "getConfiguration", a -> configuration((String) a.getFirst()),
                                "listConfigurations",
                                        a -> kept.keySet().stream()
                                                .map(this::configuration)
                                                .toArray(Configuration[]::new))));
    }

    @SuppressWarnings("unchecked")
    private Configuration configuration(String pid) {
        return Fakes.of(
                Configuration.class,
                Map.of(
                        "getPid", a -> pid,
                        "getProperties", a -> kept.get(pid),
                        "update", Fakes.doing(a -> kept.put(pid, (Dictionary<String, Object>) a.getFirst()))));
    }

    private String change(String pid, String... changes) throws IOException {
        return settings.change(pid, List.of(changes), new PrintStream(told, true, StandardCharsets.UTF_8))
                .text();
    }

    @Test
    void settings_are_shown_with_default_and_meaning() throws Exception {
        assertThat(change("test.known", "port=22")).containsPattern("port +22 +8022 +Where it listens");
        assertThat(settings.all().text()).contains("test.known", "port=22");
        assertThat(change("test.known", "port=")).containsPattern("port +- +8022");
    }

    @Test
    void wrong_changes_change_nothing() {
        assertThatThrownBy(() -> change("test.known", "port=22", "colour=red"))
                .hasMessageContaining("test.known has no setting colour. It has: port, hosts.");
        assertThatThrownBy(() -> change("test.known", "hosts=a", "port=many"))
                .hasMessageContaining("port takes a whole");
        assertThatThrownBy(() -> change("test.known", "port")).hasMessageContaining("KEY=VALUE");
        assertThat(kept).isEmpty();
    }

    @Test
    void secrets_are_kept_and_not_shown() throws Exception {
        assertThat(change("x", "password=s3cret", ".other=s3cret", "url=http://me:s3cret@host/", "limit=5"))
                .contains("limit", "5", "http://me:...@host/", "(secret)")
                .doesNotContain("s3cret");
        assertThat(settings.all().text()).doesNotContain("s3cret");
        assertThat(kept.get("x").get("password")).isEqualTo("s3cret");
        assertThat(told.toString(StandardCharsets.UTF_8)).contains("No installed bundle has settings called x");
    }

    @Test
    void what_was_set_by_hand_and_is_no_setting_is_told() throws Exception {
        Dictionary<String, Object> byHand = new Hashtable<>(Map.of("colour", "red", "service.pid", "test.known"));
        kept.put("test.known", byHand);
        assertThat(settings.of("test.known").text())
                .contains("There is no such setting")
                .doesNotContain("service.pid");
    }
}
