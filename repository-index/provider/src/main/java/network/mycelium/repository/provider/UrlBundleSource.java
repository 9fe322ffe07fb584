package network.mycelium.repository.provider;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import network.mycelium.repository.BundleRef;
import network.mycelium.repository.BundleSource;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// Bundles from where their index says that they are: a folder or a web server.
@Component(property = "service.ranking:Integer=-100", configurationPid = UrlBundleSource.PID)
@Designate(ocd = UrlBundleSource.Config.class)
public final class UrlBundleSource implements BundleSource {
    /// At this pace the largest bundle takes less than an hour.
    static final int MINIMUM_BYTES_PER_SECOND = 16 << 10;

    static final String PID = "network.mycelium.repository.url";

    @ObjectClassDefinition(name = "Bundles by URL")
    @interface Config {
        @AttributeDefinition(description = "Milliseconds to wait for a connection and for each read")
        int timeout_millis() default 10_000;

        @AttributeDefinition(description = "The slowest transfer accepted, in bytes a second")
        int minimum_bytes_per_second() default MINIMUM_BYTES_PER_SECOND;
    }

    private final UrlReader reader;

    @Activate
    public UrlBundleSource(Config config) {
        reader = new UrlReader(Duration.ofMillis(config.timeout_millis()), config.minimum_bytes_per_second());
    }

    @Override
    public String name() {
        return "url";
    }

    @Override
    public boolean mayHave(BundleRef bundle) {
        return true;
    }

    @Override
    public InputStream open(BundleRef bundle) throws IOException {
        return reader.open(bundle.location());
    }
}
