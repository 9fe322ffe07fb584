package network.mycelium.shell.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import network.mycelium.shell.CommandLine;
import network.mycelium.shell.Shell;
import network.mycelium.shell.ssh.AuthorizedKeys.Grant;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.Signal;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/// One login, or one command of a login.
final class SshSession implements Command {
    private static final Logger LOG = System.getLogger(SshSession.class.getName());

    private final Shell shell;
    private final String asked;
    /// Ends what runs when the channel is gone.
    private Runnable end = () -> {};

    private boolean destroyed;

    private InputStream in;
    private OutputStream out;
    private OutputStream error;
    private ExitCallback exit;

    /// @param asked the command; empty: an interactive session
    SshSession(Shell shell, String asked) {
        this.shell = shell;
        this.asked = asked;
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

    /// Who logged in is known by the key; the name that the client chose says nothing.
    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        Grant grant = channel.getSession().getAttribute(AuthorizedKeys.GRANT);
        if (grant == null) {
            throw new IOException("a session without a key");
        }
        Thread.ofVirtual().name("ssh-session").start(() -> run(environment, grant));
    }

    private void run(Environment environment, Grant grant) {
        var user = new Shell.User(
                grant.name(), grant.fingerprint(), grant.options().access(), Shell.Origin.SSH);
        String line = grant.options().command().orElse(asked);
        int code = 1;
        try {
            if (!line.isEmpty()) {
                code = execute(line, user);
            } else if (grant.options().terminal()) {
                interact(environment, user);
                code = 0;
            } else {
                say("This key may give commands, but open no session; say the command: ssh NODE COMMAND");
            }
            out.flush();
            error.flush();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a session of {0} broke off: {1}", user, e.toString());
        }
        exit.onExit(code);
    }

    private void interact(Environment environment, Shell.User user) throws IOException {
        Map<String, String> variables = environment.getEnv();
        Shell.Session session = shell.open(in, out, screen(variables), user);
        environment.addSignalListener(
                (channel, signal) -> {
                    Shell.Screen now = screen(variables);
                    session.resize(now.columns(), now.rows());
                },
                Signal.WINCH);
        endBy(session::hangUp);
        session.run();
    }

    private int execute(String line, Shell.User user) throws IOException {
        List<String> words;
        try {
            words = CommandLine.words(line);
        } catch (IllegalArgumentException e) {
            say(e.getMessage());
            return 1;
        }
        Shell.Call call = shell.begin(words, in, out, error, user);
        endBy(() -> call.cancel("the connection of its caller ended"));
        return call.await();
    }

    private void say(String text) throws IOException {
        error.write((text + "\n").getBytes(StandardCharsets.UTF_8));
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

    private synchronized void endBy(Runnable action) {
        end = action;
        if (destroyed) {
            action.run();
        }
    }

    @Override
    public synchronized void destroy(ChannelSession channel) {
        destroyed = true;
        end.run();
    }
}
