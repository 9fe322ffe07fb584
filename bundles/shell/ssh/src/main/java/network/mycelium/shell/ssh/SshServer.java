package network.mycelium.shell.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import network.mycelium.identity.Member.Access;
import network.mycelium.shell.CommandLine;
import network.mycelium.shell.Shell;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.auth.pubkey.AuthorizedKeyEntriesPublickeyAuthenticator;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.config.keys.AuthorizedKeysAuthenticator;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The shell over SSH. Keys only: those in `config/authorized_keys` of the node home, in OpenSSH's format;
/// without that file nobody gets in. A key may have an option `access="read-only"` before it. The host key is made at
/// the first start and kept in `state/ssh-host.key`.
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

    private final Shell shell;
    private final org.apache.sshd.server.SshServer server;
    private final Path portFile;

    @Activate
    public SshServer(BundleContext context, Config config, @Reference Shell shell) throws IOException {
        this.shell = shell;
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
            server.setPublickeyAuthenticator(new AuthorizedKeysAuthenticator(home.resolve("config/authorized_keys")));
            server.setPasswordAuthenticator(null);
            server.setKeyboardInteractiveAuthenticator(null);
            server.setShellFactory(channel -> new Session(""));
            server.setCommandFactory((channel, command) -> new Session(command.strip()));
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

    /// What the option `access="LEVEL"` before the key says in `authorized_keys`; without one, everything.
    private static Access access(ChannelSession channel) {
        AuthorizedKeyEntry entry =
                channel.getSession().getAttribute(AuthorizedKeyEntriesPublickeyAuthenticator.AUTHORIZED_KEY);
        String level = entry == null ? "restricted" : entry.getLoginOptions().getOrDefault("access", "full");
        try {
            return Access.valueOf(level.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            LOG.log(
                    Level.WARNING,
                    "authorized_keys names the access level {0}, which there is not; the key is restricted",
                    level);
            return Access.RESTRICTED;
        }
    }

    /// One login, or one command of a login.
    private final class Session implements Command {
        private final String line;
        private InputStream in;
        private OutputStream out;
        private OutputStream error;
        private ExitCallback exit;

        /// @param line the command; empty: an interactive session
        Session(String line) {
            this.line = line;
        }

        @Override
        public void setInputStream(InputStream stream) {
            in = stream;
        }

        @Override
        public void setOutputStream(OutputStream stream) {
            out = stream;
        }

        @Override
        public void setErrorStream(OutputStream stream) {
            error = stream;
        }

        @Override
        public void setExitCallback(ExitCallback callback) {
            exit = callback;
        }

        @Override
        public void start(ChannelSession channel, Environment environment) {
            var user = new Shell.User("ssh:" + environment.getEnv().get(Environment.ENV_USER), access(channel), true);
            Thread.ofVirtual().name("ssh-session").start(() -> run(environment.getEnv(), user));
        }

        private void run(Map<String, String> environment, Shell.User user) {
            int code = 0;
            try {
                if (line.isEmpty()) {
                    shell.interact(in, out, screen(environment), user);
                } else {
                    code = execute(user);
                }
                out.flush();
                error.flush();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "a session of {0} broke off: {1}", user.name(), e.toString());
            }
            exit.onExit(code);
        }

        private int execute(Shell.User user) throws IOException {
            List<String> words;
            try {
                words = CommandLine.words(line);
            } catch (IllegalArgumentException e) {
                error.write((e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8));
                return 1;
            }
            return shell.execute(words, out, error, user);
        }

        private static Shell.Screen screen(Map<String, String> environment) {
            return new Shell.Screen(
                    environment.getOrDefault(Environment.ENV_TERM, "dumb"),
                    number(environment.get(Environment.ENV_COLUMNS), 80),
                    number(environment.get(Environment.ENV_LINES), 24));
        }

        private static int number(String text, int otherwise) {
            try {
                int number = text == null ? 0 : Integer.parseInt(text);
                return number > 0 ? number : otherwise;
            } catch (NumberFormatException e) {
                return otherwise;
            }
        }

        @Override
        public void destroy(ChannelSession channel) {
            // The streams are closed by SSHD, which ends the session's thread.
        }
    }
}
