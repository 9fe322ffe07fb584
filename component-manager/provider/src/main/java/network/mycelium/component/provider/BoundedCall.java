package network.mycelium.component.provider;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs foreign code, such as a bundle's activator, for at most a given time on a thread of its own. A thread
/// that does not react to its interruption is left behind: nothing can end it.
final class BoundedCall {
    private BoundedCall() {}

    /// @throws TimeoutException if it took too long; it may still be running
    static <T> T run(String name, Duration timeout, Callable<T> call) throws Exception {
        var task = new FutureTask<>(call);
        Thread thread = Thread.ofPlatform().daemon().name(name).start(task);
        try {
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw e;
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }
}
