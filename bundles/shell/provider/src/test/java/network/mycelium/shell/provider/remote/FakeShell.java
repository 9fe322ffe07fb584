package network.mycelium.shell.provider.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.mycelium.shell.Shell;

/// Commands that do nothing: `wait` until it is cancelled, all others at once.
final class FakeShell implements Shell {
    final List<List<String>> ran = new CopyOnWriteArrayList<>();
    final List<User> users = new CopyOnWriteArrayList<>();
    final List<String> cancelled = new CopyOnWriteArrayList<>();
    /// What happens while a command runs.
    volatile Runnable meanwhile = () -> {};

    @Override
    public Session open(InputStream in, OutputStream out, Screen screen, User user) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Call begin(List<String> words, InputStream in, OutputStream out, OutputStream error, User user) {
        ran.add(words);
        users.add(user);
        meanwhile.run();
        var ended = new CompletableFuture<Integer>();
        if (!words.contains("wait")) {
            try {
                out.write("done".getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ended.complete(0);
        }
        return new Call() {
            @Override
            public int await() {
                return ended.join();
            }

            @Override
            public int await(Duration limit) {
                try {
                    return ended.get(limit.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    cancel("time");
                    return ended.join();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void cancel(String why) {
                if (ended.complete(CANCELLED)) {
                    cancelled.add(why);
                }
            }
        };
    }
}
