package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.junit.jupiter.api.Test;
import org.osgi.resource.Capability;

class CapabilityLookupTest {
    private static final String CAPABILITIES = "shape;shape=\"round\";version:Version=1,"
            + "shape;shape=\"round\";version:Version=2,"
            + "shape;shape=\"square\",shape;size:Long=3,"
            + "shape;shape=\"round\";colour=\"red\";version:Version=1;mandatory:=\"colour\"";

    private static List<Integer> matching(String filter) throws Exception {
        var resource = BundleInspector.resource(
                "x",
                Map.of(
                        "Bundle-ManifestVersion", "2",
                        "Bundle-SymbolicName", "x",
                        "Provide-Capability", CAPABILITIES));
        List<Capability> all = resource.getCapabilities("shape");
        var lookup = new PresentCapabilities(List.of(resource), Map.of());
        var requirement = ResourceBuilder.parseRequirement(
                        resource, "shape" + (filter.isEmpty() ? "" : ";filter:=\"" + filter + "\""))
                .getFirst();
        return lookup.matching(requirement).stream().map(all::indexOf).toList();
    }

    @Test
    void a_value_finds_its_own_alone() throws Exception {
        assertThat(matching("(shape=square)")).containsExactly(2);
        assertThat(matching("(shape=oval)")).isEmpty();
    }

    @Test
    void version_bounds_do_not_hide_the_value() throws Exception {
        assertThat(matching("(&(shape=round)(version>=1)(!(version>=2)))")).containsExactly(0);
        assertThat(matching("(&(shape=round)(version>=2))")).containsExactly(1);
    }

    @Test
    void what_is_not_one_value_is_looked_for_among_all() throws Exception {
        assertThat(matching("(|(shape=square)(shape=round))")).containsExactly(0, 1, 2);
        assertThat(matching("(!(shape=round))")).contains(2, 3);
        assertThat(matching("(shape=sq*)")).containsExactly(2);
        assertThat(matching("(size>=2)")).containsExactly(3);
    }

    @Test
    void a_mandatory_attribute_must_be_named() throws Exception {
        assertThat(matching("(shape=round)")).containsExactly(0, 1);
        assertThat(matching("(&(shape=round)(colour=red))")).containsExactly(4);
    }

    @Test
    void without_a_filter_all_are_offered_but_the_mandatory() throws Exception {
        assertThat(matching("")).containsExactly(0, 1, 2, 3);
    }
}
