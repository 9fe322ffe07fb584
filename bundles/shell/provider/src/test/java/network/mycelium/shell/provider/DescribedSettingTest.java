package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;

class DescribedSettingTest {
    private static final String DOCUMENT = """
            <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.2.0">
              <OCD id="one"><AD id="size" type="Integer" default="3" description="How many"/></OCD>
              <OCD id="two"><AD id="size" type="String" cardinality="9"/><AD id="on" type="Boolean"/></OCD>
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
        assertThat(found).containsOnlyKeys("first", "second");
        assertThat(found.get("first")).containsExactly(new DescribedSetting("size", "Integer", false, "3", "How many"));
        assertThat(found.get("second")).extracting(DescribedSetting::name).containsExactly("size", "on");
        assertThat(found.get("second").getFirst().several()).isTrue();
    }

    @Test
    void a_value_of_another_type_is_refused() throws Exception {
        DescribedSetting size = DescribedSetting.read(in(DOCUMENT)).get("first").getFirst();
        size.check("-4");
        assertThatThrownBy(() -> size.check("many"))
                .hasMessage("size takes a whole number up to 2147483647, not many.");
        assertThatThrownBy(() -> size.check("4000000000")).hasMessageContaining("not 4000000000");
    }

    @Test
    void what_is_no_document_is_refused() {
        assertThatThrownBy(() -> DescribedSetting.read(in(DOCUMENT.substring(0, 200))))
                .isInstanceOf(XMLStreamException.class);
    }
}
