package network.mycelium.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.ops4j.pax.exam.CoreOptions.bootDelegationPackages;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.inject.Inject;
import network.mycelium.component.Change;
import network.mycelium.component.ComponentManager;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/// Inside the running core, as a bundle among its bundles: a service appears, is used, and disappears. The
/// bundles are those of the distribution's folders, not a list of this test's own.
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class RunningCoreIT {
    private static final String GREETER = "network.mycelium.greeter.Greeter";

    @Inject
    private BundleContext context;

    @Inject
    private ComponentManager manager;

    @Configuration
    public Option[] core() throws IOException {
        Path dist = Path.of(System.getProperty("mycelium.dist"));
        Path home = Files.createTempDirectory("running-core");
        for (String folder : new String[] {"config", "cache", "state", "data"}) {
            Files.createDirectories(home.resolve(folder));
        }
        List<Option> bundles = new ArrayList<>();
        try (Stream<Path> jars = Files.walk(dist.resolve("core"))) {
            for (Path jar :
                    jars.filter(p -> p.toString().endsWith(".jar")).sorted().toList()) {
                if (!jar.toString().contains("15-shell")) {
                    bundles.add(bundle(jar.toUri().toString()));
                }
            }
        }
        return options(
                composite(bundles.toArray(Option[]::new)),
                frameworkProperty("mycelium.home").value(home.toString()),
                frameworkProperty("mycelium.dist").value(dist.toString()),
                frameworkProperty("felix.cm.dir").value(home.resolve("config").toString()),
                bootDelegationPackages("jdk.jfr"),
                junitBundles());
    }

    @Test
    public void a_service_appears_is_used_and_disappears() throws Exception {
        assertNull(context.getServiceReference(GREETER));
        manager.run(manager.plan(new Change(Change.Kind.LOAD, "greeter", "test", false)), text -> {});

        ServiceReference<?> reference = context.getServiceReference(GREETER);
        assertNotNull(reference);
        Object greeter = context.getService(reference);
        assertEquals(
                "Hello, Ada!",
                greeter.getClass().getMethod("greet", String.class).invoke(greeter, "Ada"));
        context.ungetService(reference);

        manager.run(manager.plan(new Change(Change.Kind.UNLOAD, "greeter", "test", false)), text -> {});
        assertNull(context.getServiceReference(GREETER));
        assertEquals(0, manager.components().size());
    }
}
