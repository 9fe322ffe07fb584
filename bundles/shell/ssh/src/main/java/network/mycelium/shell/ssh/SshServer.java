package network.mycelium.shell.ssh;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import network.mycelium.shell.Shell;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The shell over SSH. Keys only: those in `config/authorized_keys` of the node home ([AuthorizedKeys]); without that
/// file nobody gets in. The host key is made at the first start and kept in `state/ssh-host.key`.
///
/// Off unless the component `ssh` is loaded.
@Component(service = SshServer.class, immediate = true, configurationPid = SshServer.PID)
@Designate(ocd = SshServer.Config.class)
public final class SshServer {
    static final String PID = "network.mycelium.shell.ssh";
    private static final Logger LOG = System.getLogger(SshServer.class.getName());

    @ObjectClassDefinition(name = "Shell over SSH")
    @interface Config {
        @AttributeDefinition(description = "Address to listen on")
        String host() default "127.0.0.1";

        @AttributeDefinition(description = "Port to listen on; 0: any free one, told in the log and in run/ssh-port")
        int port() default 8022;
    }

    private final org.apache.sshd.server.SshServer server;
    private final Path portFile;

    @Activate
    public SshServer(BundleContext context, Config config, @Reference Shell shell) throws IOException {
        Path home = Path.of(context.getProperty("mycelium.home"));
        this.portFile = home.resolve("run/ssh-port");
        // SSHD asks the context class loader for its parts.
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(SshServer.class.getClassLoader());
        try {
            server = org.apache.sshd.server.SshServer.setUpDefaultServer();
            server.setHost(config.host());
            server.setPort(config.port());
            var hostKey = new SimpleGeneratorHostKeyProvider(home.resolve("state/ssh-host.key"));
            hostKey.setAlgorithm(KeyUtils.EC_ALGORITHM);
            hostKey.setKeySize(256);
            server.setKeyPairProvider(hostKey);
            server.setPublickeyAuthenticator(new AuthorizedKeys(home.resolve("config/authorized_keys")));
            server.setPasswordAuthenticator(null);
            server.setKeyboardInteractiveAuthenticator(null);
            server.setShellFactory(channel -> new SshSession(shell, ""));
            server.setCommandFactory((channel, command) -> new SshSession(shell, command.strip()));
            server.start();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
        Files.writeString(portFile, Integer.toString(server.getPort()));
        LOG.log(Level.INFO, "SSH listens on {0}:{1}", config.host(), Integer.toString(server.getPort()));
    }

    @Deactivate
    void deactivate() throws IOException {
        Files.deleteIfExists(portFile);
        server.stop(true);
    }
}
