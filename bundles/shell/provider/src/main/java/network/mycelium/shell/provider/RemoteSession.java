package network.mycelium.shell.provider;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import network.mycelium.shell.Shell;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;

/// A session on a terminal that is elsewhere: the other end interprets the escape sequences, and is in raw mode, so
/// line ends, echo and Ctrl-C are made here.
final class RemoteSession implements Shell.Session {
    private static final int MAX_SIDE = 10_000;
    private static final int CTRL_C = 3;
    private static final int CTRL_D = 4;
    private static final int BACKSPACE = 127;

    private final GogoShell shell;
    private final Shell.User user;
    private final ExternalTerminal terminal;
    private final Watched input;

    RemoteSession(GogoShell shell, InputStream in, OutputStream out, Shell.Screen screen, Shell.User user)
            throws IOException {
        this.shell = shell;
        this.user = user;
        this.input = new Watched(in);
        this.terminal = new ExternalTerminal(
                null,
                "mycelium",
                screen.type(),
                input,
                out,
                StandardCharsets.UTF_8,
                Terminal.SignalHandler.SIG_IGN,
                true,
                attributes(),
                size(screen.columns(), screen.rows()));
    }

    private static Attributes attributes() {
        var attributes = new Attributes();
        attributes.setInputFlag(Attributes.InputFlag.ICRNL, true);
        attributes.setOutputFlag(Attributes.OutputFlag.OPOST, true);
        attributes.setOutputFlag(Attributes.OutputFlag.ONLCR, true);
        attributes.setLocalFlag(Attributes.LocalFlag.ECHO, true);
        attributes.setLocalFlag(Attributes.LocalFlag.ICANON, true);
        attributes.setLocalFlag(Attributes.LocalFlag.ISIG, true);
        attributes.setControlChar(Attributes.ControlChar.VINTR, CTRL_C);
        attributes.setControlChar(Attributes.ControlChar.VEOF, CTRL_D);
        attributes.setControlChar(Attributes.ControlChar.VERASE, BACKSPACE);
        return attributes;
    }

    private static Size size(int columns, int rows) {
        return Size.of(Math.clamp(columns, 1, MAX_SIDE), Math.clamp(rows, 1, MAX_SIDE));
    }

    @Override
    public void run() throws IOException {
        try (terminal) {
            shell.interact(terminal, user, console -> {
                input.console = console;
                terminal.resume();
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void resize(int columns, int rows) {
        terminal.setSize(size(columns, rows));
        terminal.raise(Terminal.Signal.WINCH);
    }

    @Override
    public void hangUp() {
        input.end();
    }

    /// Notices that the other end is gone.
    private static final class Watched extends FilterInputStream {
        private volatile Console console;

        Watched(InputStream in) {
            super(in);
        }

        private void end() {
            Console there = console;
            if (there != null) {
                there.hangUp();
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = -1;
            try {
                read = super.read(buffer, offset, length);
            } finally {
                if (read < 0) {
                    end();
                }
            }
            return read;
        }
    }
}
