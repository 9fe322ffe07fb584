package network.mycelium.shell.provider.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;

class DescribedSettingTest {
    private static final String DOCUMENT = """
            <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.2.0">
              <OCD id="one"><AD id="size" type="Integer" default="3" description="How many"/></OCD>
              <OCD id="two"><AD id="size" type="String" cardinality="9"/><AD id="on" type="Boolean"/>\
            <AD id="port" type="Integer" min="1" max="65535"/>\
            <AD id="ports" type="Long" cardinality="9"/>\
            <AD id="colour" type="String"><Option label="Red" value="red"/><Option label="Blue" value="blue"/></AD></OCD>
              <Designate pid="first"><Object ocdref="one"/></Designate>
              <Designate pid="second"><Object ocdref="two"/></Designate>
              <Designate factoryPid="many"><Object ocdref="two"/></Designate>
            </metatype:MetaData>
            """;

    private static ByteArrayInputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void each_pid_has_the_settings_of_its_own_class() throws Exception {
        var found = DescribedSetting.read(in(DOCUMENT));
        assertThat(found).containsOnlyKeys("first", "second", "many");
        assertThat(found.get("first"))
                .containsExactly(new DescribedSetting("size", "Integer", false, "3", "How many", "", "", List.of()));
        assertThat(found.get("second"))
                .extracting(DescribedSetting::name)
                .containsExactly("size", "on", "port", "ports", "colour");
        assertThat(found.get("second").getFirst().several()).isTrue();
    }

    @Test
    void a_value_of_another_type_is_refused() throws Exception {
        DescribedSetting size = DescribedSetting.read(in(DOCUMENT)).get("first").getFirst();
        assertThat(size.value("-4")).isEqualTo(-4);
        assertThatThrownBy(() -> size.value("many"))
                .hasMessage("size takes a whole number up to 2147483647, not many.");
        assertThatThrownBy(() -> size.value("4000000000")).hasMessageContaining("not 4000000000");
    }

    @Test
    void bounds_options_and_lists_are_kept_to() throws Exception {
        var all = DescribedSetting.read(in(DOCUMENT)).get("second");
        DescribedSetting port = DescribedSetting.find("port", all);
        assertThat(port.value("65535")).isEqualTo(65535);
        assertThatThrownBy(() -> port.value("0")).hasMessage("port takes a whole number from 1 to 65535, not 0.");
        assertThatThrownBy(() -> port.value("65536")).hasMessageContaining("from 1 to 65535");
        assertThat(DescribedSetting.find("ports", all).value("1, 2")).isEqualTo(List.of(1L, 2L));
        assertThatThrownBy(() -> DescribedSetting.find("ports", all).value("1,two"))
                .hasMessage("ports takes a whole number, not two.");
        assertThatThrownBy(() -> DescribedSetting.find("colour", all).value("green"))
                .hasMessage("colour takes red or blue, not green.");
        assertThat(DescribedSetting.find("on", all).value("TRUE")).isEqualTo(true);
    }

    @Test
    void a_value_is_told_in_one_short_line() throws Exception {
        DescribedSetting size = DescribedSetting.read(in(DOCUMENT)).get("first").getFirst();
        assertThatThrownBy(() -> size.value("\t" + "x".repeat(10_000)))
                .message()
                .hasSizeLessThan(200)
                .doesNotContain("\t");
    }

    @Test
    void what_is_no_document_is_refused() {
        assertThatThrownBy(() -> DescribedSetting.read(in(DOCUMENT.substring(0, 200))))
                .isInstanceOf(XMLStreamException.class);
    }

    @Test
    void a_bundle_that_is_uninstalled_meanwhile_is_left_out() {
        var gone = (Bundle) Proxy.newProxyInstance(
                Bundle.class.getClassLoader(), new Class<?>[] {Bundle.class}, (bundle, method, arguments) -> {
                    if (method.getName().equals("toString")) {
                        return "gone";
                    }
                    throw new IllegalStateException("The bundle is uninstalled.");
                });
        assertThat(DescribedSetting.of(gone)).isEmpty();
    }
}
