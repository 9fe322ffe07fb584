package network.mycelium.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A program on a pseudo terminal (util-linux `script`), as its user would meet it.
final class Terminal implements AutoCloseable {
    private static final long LIMIT_NANOS = 60_000_000_000L;

    private final Process process;
    private final InputStream out;
    private final StringBuilder seen = new StringBuilder();
    private int from;

    Terminal(String command, Map<String, String> environment, Path folder) throws IOException {
        var builder = new ProcessBuilder("script", "-qfec", "stty cols 120 rows 40; exec " + command, "/dev/null")
                .redirectErrorStream(true)
                .directory(folder.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("TERM", "xterm");
        process = builder.start();
        out = process.getInputStream();
    }

    /// Waits until the text appears after what was awaited before.
    void await(String text) throws IOException, InterruptedException {
        long start = System.nanoTime();
        byte[] buffer = new byte[8192];
        int at;
        while ((at = seen.indexOf(text, from)) < 0) {
            if (System.nanoTime() - start > LIMIT_NANOS || !process.isAlive() && out.available() == 0) {
                throw new IOException("no \"" + text + "\" in: " + seen);
            }
            if (out.available() > 0) {
                seen.append(new String(buffer, 0, out.read(buffer), StandardCharsets.UTF_8));
            } else {
                Thread.sleep(0, 500_000);
            }
        }
        from = at + text.length();
    }

    void type(String line) throws IOException {
        process.getOutputStream().write((line + "\r").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /// Resident bytes of the Java process behind the terminal.
    long residentBytes() throws IOException {
        return status("VmRSS:") * 1024;
    }

    private long status(String field) throws IOException {
        ProcessHandle java = java();
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(java.pid()), "status"))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no " + field);
    }

    /// CPU seconds used by the Java process so far.
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(java().pid()), "stat"));
        String[] field = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(field[11]) + Long.parseLong(field[12])) / 100.0;
    }

    private ProcessHandle java() throws IOException {
        return process.descendants()
                .filter(p -> p.info().command().filter(c -> c.endsWith("/java")).isPresent())
                .findFirst()
                .orElseThrow(() -> new IOException("no Java process"));
    }

    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> all = process.descendants().toList();
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.waitFor();
    }
}
