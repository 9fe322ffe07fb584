package network.mycelium.itests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A program on a pseudo terminal, which the program `script` (util-linux) makes.
final class TerminalProcess implements AutoCloseable {
    static final String CTRL_C = "\u0003";
    static final String CTRL_D = "\u0004";

    private final Process process;
    private final Path out;
    private int from;

    private TerminalProcess(Process process, Path out) {
        this.process = process;
        this.out = out;
    }

    static boolean isPossible() {
        return Files.isExecutable(Path.of("/usr/bin/script"));
    }

    /// @param command a line for the shell
    static TerminalProcess start(String command) throws IOException {
        Path out = Files.createTempFile("terminal", ".out");
        var builder = new ProcessBuilder("script", "-qfec", "stty cols 120 rows 40; exec " + command, "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("TERM", "xterm");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new TerminalProcess(builder.start(), out);
    }

    TerminalProcess type(String keys) throws IOException {
        process.getOutputStream().write(TestBundle.text(keys));
        process.getOutputStream().flush();
        return this;
    }

    /// Waits until this is shown, after what was waited for before.
    ///
    /// @return what was shown until then
    String see(String text) throws IOException {
        await("the terminal shows " + text)
                .pollInterval(Duration.ofMillis(20))
                .atMost(40, TimeUnit.SECONDS)
                .until(() -> shown().indexOf(text, from) >= 0);
        String all = shown();
        int begin = from;
        from = all.indexOf(text, from) + text.length();
        return all.substring(begin, from);
    }

    String shown() throws IOException {
        return Files.readString(out, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// @return the exit code
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the terminal is still open");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
