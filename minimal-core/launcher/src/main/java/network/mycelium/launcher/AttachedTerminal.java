package network.mycelium.launcher;

import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// This terminal as the terminal of a session in the running node: in raw mode each key goes there, Ctrl-C too, and
/// what comes back is written as it is. The terminal is set by `stty`, which every POSIX system has.
final class AttachedTerminal implements AutoCloseable {
    private final String before;
    private final Thread restore = new Thread(this::restore, "restore-terminal");

    private AttachedTerminal(String before) {
        this.before = before;
    }

    // A runtime without the module jdk.internal.le has no console where there is no terminal.
    @SuppressWarnings("SystemConsoleNull")
    static AttachedTerminal open() throws LaunchException, IOException {
        if (System.console() == null || !System.console().isTerminal()) {
            throw new LaunchException(
                    ExitCode.USAGE,
                    "`mycelium shell` takes a terminal. Without one give single commands, e.g. mycelium component list.");
        }
        var terminal = new AttachedTerminal(stty("-g").strip());
        Runtime.getRuntime().addShutdownHook(terminal.restore);
        stty("raw", "-echo");
        return terminal;
    }

    /// Asks for a session, then sends keys and sizes until the process ends, on threads of their own.
    void send(DataOutputStream out) throws IOException {
        byte[] type = System.getenv().getOrDefault("TERM", "dumb").getBytes(StandardCharsets.UTF_8);
        synchronized (out) {
            out.writeInt(ControlClient.SESSION);
            out.writeInt(type.length);
            out.write(type);
            writeSize(out);
            out.flush();
        }
        onResize(() -> sendSize(out));
        ControlClient.sendInput(new FileInputStream(FileDescriptor.in), out);
    }

    private static void sendSize(DataOutputStream out) {
        try {
            synchronized (out) {
                out.writeByte(ControlClient.SIZE);
                out.writeInt(4);
                writeSize(out);
                out.flush();
            }
        } catch (IOException e) {
            // The session is over, which its answer tells.
            ControlClient.gone(e);
        }
    }

    private static void writeSize(DataOutputStream out) throws IOException {
        String[] size = stty("size").strip().split(" ");
        int rows = size.length == 2 ? Integer.parseInt(size[0]) : 0;
        int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
        out.writeShort(columns > 0 ? columns : 80);
        out.writeShort(rows > 0 ? rows : 24);
    }

    /// By reflection: javac warns of the class, and there is no other.
    private static void onResize(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object runs = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (p, m, a) -> {
                if (m.getName().equals("handle")) {
                    action.run();
                }
                return null;
            });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), runs);
        } catch (ReflectiveOperationException e) {
            System.err.print("The session does not follow the size of this window: " + e + "\r\n");
        }
    }

    private static String stty(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectInput(Redirect.INHERIT)
                .redirectError(Redirect.INHERIT)
                .start();
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.US_ASCII);
            if (process.waitFor() != 0) {
                throw new IOException("stty " + String.join(" ", words) + " failed");
            }
            return text;
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    private void restore() {
        try {
            stty(before);
        } catch (IOException e) {
            System.err.println("The terminal could not be set back; `reset` does that. " + e.getMessage());
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(restore);
        restore();
    }
}
