package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The runtime that the distribution's archive brings has only some of Java's modules: every package of Java that a
/// bundle needs must be in one of them, or the node of the archive does not boot.
class RuntimeModulesIT {
    private static final Pattern CLAUSE = Pattern.compile(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)");

    /// As the script that makes the archive names them.
    private static List<String> modules() throws IOException {
        return Files.readAllLines(ForeignPeers.checkout().resolve("scripts/dist")).stream()
                .filter(line -> line.startsWith("modules="))
                .flatMap(line -> Stream.of(line.substring("modules=".length()).split(",")))
                .toList();
    }

    /// Of these modules and of all that they need, which the runtime has too.
    private static Set<String> packages(List<String> modules) {
        return Configuration.empty().resolve(ModuleFinder.ofSystem(), ModuleFinder.of(), modules).modules().stream()
                .flatMap(module -> module.reference().descriptor().exports().stream())
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    private static List<String> missing(Path jar, Set<String> there) throws IOException {
        List<String> missing = new ArrayList<>();
        try (var file = new JarFile(jar.toFile())) {
            String imports = file.getManifest().getMainAttributes().getValue("Import-Package");
            for (String clause : imports == null ? new String[0] : CLAUSE.split(imports)) {
                String name = clause.split(";", 2)[0];
                boolean ofJava = name.startsWith("java.") || name.startsWith("javax.");
                if (ofJava && !clause.contains("optional") && !there.contains(name)) {
                    missing.add(jar.getFileName() + " needs " + name);
                }
            }
        }
        return missing;
    }

    @Test
    void every_package_of_java_that_a_bundle_needs_is_in_the_runtime_of_the_archive() throws IOException {
        List<String> modules = modules();
        assertThat(modules).contains("java.base");
        Set<String> there = packages(modules);
        List<String> missing = new ArrayList<>();
        int jars = 0;
        for (String folder : List.of("core", "repository")) {
            try (Stream<Path> all = Files.walk(Core.dist().resolve(folder))) {
                for (Path jar : all.filter(p -> p.toString().endsWith(".jar")).toList()) {
                    missing.addAll(missing(jar, there));
                    jars++;
                }
            }
        }
        assertThat(jars).isGreaterThan(20);
        assertThat(missing).isEmpty();
    }
}
