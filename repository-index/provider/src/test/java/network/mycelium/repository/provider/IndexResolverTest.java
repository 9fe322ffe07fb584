package network.mycelium.repository.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.RepositoryIndex.Request;
import network.mycelium.repository.RepositoryIndex.Resolution;
import network.mycelium.repository.RepositoryIndex.Unresolvable;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.resource.Resource;

class IndexResolverTest {
    private static final String SERVICE = "osgi.service;objectClass:List<String>=\"example.Clock\";effective:=active";
    private static final String NEEDS_SERVICE =
            "osgi.service;filter:=\"(objectClass=example.Clock)\";effective:=active";

    @TempDir
    Path temp;

    private Repositories repositories;

    @BeforeEach
    void folder() {
        repositories = new Repositories(temp);
    }

    private IndexCatalog catalog(Path... bundles) throws Exception {
        var location = repositories.publish("r", bundles);
        var fetcher = new IndexFetcher(new UrlReader(Duration.ofSeconds(1), 1), temp.resolve("copies"));
        return new IndexCatalog(
                List.of(fetcher.fetch(new TrustedSource(location, Optional.of(repositories.id("r")), -1, ""))
                        .index()));
    }

    private static Resolution resolve(IndexCatalog catalog, Set<String> avoid, Resource... present)
            throws Unresolvable {
        var request = new Request(
                List.of("osgi.identity;filter:=\"(osgi.identity=user)\""), List.of(present), Map.of(), avoid);
        return new IndexResolver(catalog).resolve(request);
    }

    private static List<String> installed(Resolution resolution) {
        return resolution.install().values().stream().map(BundleRef::id).toList();
    }

    private Path user(String... headers) throws Exception {
        return repositories.bundle("user", "1.0.0", headers);
    }

    @Test
    void the_highest_version_that_is_allowed_is_chosen_with_all_that_it_requires() throws Exception {
        IndexCatalog catalog = catalog(
                user("Import-Package", "example;version=\"[1,2)\""),
                repositories.bundle("old", "1.0.0", "Export-Package", "example;version=\"1.0\""),
                repositories.bundle(
                        "new", "1.0.0", "Export-Package", "example;version=\"1.9\"", "Require-Bundle", "deep"),
                repositories.bundle("wrong", "1.0.0", "Export-Package", "example;version=\"2.0\""),
                repositories.bundle("deep", "3.0.0"));
        Resolution resolution = resolve(catalog, Set.of());
        assertThat(installed(resolution)).containsExactly("deep 3.0.0", "new 1.0.0", "user 1.0.0");
        assertThat(resolution.roots()).singleElement().hasToString("user 1.0.0");
        String avoided = repositories.ref("r", "new").sha256();
        assertThat(installed(resolve(catalog, Set.of(avoided)))).containsExactly("old 1.0.0", "user 1.0.0");
    }

    @Test
    void what_is_present_is_preferred() throws Exception {
        IndexCatalog catalog = catalog(
                user("Import-Package", "example"),
                repositories.bundle("new", "1.0.0", "Export-Package", "example;version=\"1.9\""));
        Resource present = ResourceBuilder.build(
                null,
                Map.of(
                        "Bundle-ManifestVersion", "2",
                        "Bundle-SymbolicName", "here",
                        "Export-Package", "example;version=\"1.0\""));
        assertThat(installed(resolve(catalog, Set.of(), present))).containsExactly("user 1.0.0");
    }

    @Test
    void a_missing_requirement_is_named_with_who_asked_and_what_there_is() throws Exception {
        IndexCatalog catalog = catalog(
                user("Require-Bundle", "middle"),
                repositories.bundle("middle", "1.0.0", "Import-Package", "example;version=\"[2,3)\""),
                repositories.bundle("old", "1.0.0", "Export-Package", "example;version=\"1.0\""));
        assertThatThrownBy(() -> resolve(catalog, Set.of()))
                .isInstanceOf(Unresolvable.class)
                .hasMessageContaining("middle 1.0.0 requires package example [2.0.0,3.0.0)")
                .hasMessageContaining("1.0.0 from old 1.0.0");
    }

    @Test
    void whoever_declares_a_required_service_comes_along_and_nobody_is_a_warning() throws Exception {
        Path user = user("Require-Capability", NEEDS_SERVICE);
        Resolution with =
                resolve(catalog(user, repositories.bundle("clock", "1.0.0", "Provide-Capability", SERVICE)), Set.of());
        assertThat(installed(with)).containsExactly("clock 1.0.0", "user 1.0.0");
        assertThat(with.warnings()).isEmpty();
        Resolution without = resolve(
                catalog(user, repositories.bundle("clock", "1.0.0", "Provide-Capability", SERVICE)),
                Set.of(repositories.ref("r", "clock").sha256()));
        assertThat(installed(without)).containsExactly("user 1.0.0");
        assertThat(without.warnings()).singleElement().asString().contains("no known bundle declares it");
    }

    @Test
    void what_is_optional_brings_nothing_new() throws Exception {
        IndexCatalog catalog = catalog(
                user("Import-Package", "example;resolution:=optional"),
                repositories.bundle("new", "1.0.0", "Export-Package", "example"));
        assertThat(installed(resolve(catalog, Set.of()))).containsExactly("user 1.0.0");
    }

    @Test
    void a_requirement_that_cannot_be_read_says_so() throws Exception {
        IndexCatalog catalog = catalog(user());
        var request = new Request(List.of("a;filter:=\"(("), List.of(), Map.of(), Set.of());
        assertThatThrownBy(() -> new IndexResolver(catalog).resolve(request)).hasMessageContaining("cannot be read");
    }
}
