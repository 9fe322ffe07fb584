package network.mycelium.itests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Who may know whom: the rules of ARCHITECTURE.md, checked on classes and on manifests.
class ArchitectureIT {
    /// From the lowest layer up.
    private static final List<String> LAYERS =
            List.of("node", "storage", "libp2p", "identity", "repository", "component", "shell");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // Attackers that bundles make for these tests.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("network.mycelium");

    @Test
    void an_api_knows_the_jdk_and_osgi_alone() {
        classes()
                .that()
                .resideInAnyPackage(
                        "network.mycelium.node.command",
                        "network.mycelium.node.health",
                        "network.mycelium.storage",
                        "network.mycelium.libp2p",
                        "network.mycelium.identity",
                        "network.mycelium.repository",
                        "network.mycelium.component",
                        "network.mycelium.shell",
                        "network.mycelium.greeter")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax..",
                        "org.osgi.annotation..",
                        "org.osgi.resource",
                        "network.mycelium.node.command",
                        "network.mycelium.node.health",
                        "network.mycelium.libp2p",
                        "network.mycelium.libp2p.multiformats",
                        "network.mycelium.storage",
                        "network.mycelium.identity",
                        "network.mycelium.repository",
                        "network.mycelium.component",
                        "network.mycelium.shell",
                        "network.mycelium.greeter")
                .check(CLASSES);
    }

    @Test
    void a_provider_never_knows_another_provider() {
        for (String layer : LAYERS) {
            String[] others = LAYERS.stream()
                    .filter(l -> !l.equals(layer))
                    .map(l -> "network.mycelium." + l + ".provider..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("network.mycelium." + layer + ".provider..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    // The lowest layer is an api alone.
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void nobody_looks_upward() {
        for (int low = 0; low < LAYERS.size(); low++) {
            for (String higher : LAYERS.subList(low + 1, LAYERS.size())) {
                noClasses()
                        .that()
                        .resideInAPackage("network.mycelium." + LAYERS.get(low) + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("network.mycelium." + higher + "..")
                        .check(CLASSES);
            }
        }
    }

    @Test
    void the_launcher_knows_the_framework_alone() {
        classes()
                .that()
                .resideInAPackage("network.mycelium.launcher..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "org.osgi.framework..", "network.mycelium.launcher..", "network.mycelium.files")
                .check(CLASSES);
    }

    @Test
    void what_all_embed_knows_the_jdk_alone() {
        classes()
                .that()
                .resideInAPackage("network.mycelium.files..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "network.mycelium.files")
                .check(CLASSES);
    }

    @Test
    void manifests_keep_the_same_rules() throws Exception {
        Map<String, String> broken = new TreeMap<>();
        List<Path> jars = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(Core.dist())) {
            walk.filter(p -> p.toString().endsWith(".jar")).forEach(jars::add);
        }
        assertThat(jars).hasSizeGreaterThan(15);
        for (Path jar : jars) {
            try (var file = new JarFile(jar.toFile())) {
                var headers = file.getManifest().getMainAttributes();
                String name =
                        String.valueOf(headers.getValue("Bundle-SymbolicName")).split(";")[0];
                if (!name.startsWith("network.mycelium.")) {
                    continue;
                }
                String imports = String.valueOf(headers.getValue("Import-Package"));
                boolean api = name.endsWith(".api");
                if (!api && headers.getValue("Export-Package") != null) {
                    broken.put(name, "a provider exports packages");
                }
                if (imports.contains("network.mycelium.files")) {
                    broken.put(name, "imports what it shall embed: add the module files to its pom");
                }
                if (Pattern.compile("network\\.mycelium\\.[a-z]+\\.provider")
                        .matcher(imports)
                        .find()) {
                    broken.put(name, "imports a provider: " + imports);
                }
                if (!headers.getValue("Bundle-License").startsWith("MIT")) {
                    broken.put(name, "has no licence");
                }
                if (imports.contains("io.netty")
                        || imports.contains("com.google")
                        || imports.contains("org.bouncycastle")) {
                    broken.put(name, "imports " + imports);
                }
            }
        }
        assertThat(broken).isEmpty();
    }
}
