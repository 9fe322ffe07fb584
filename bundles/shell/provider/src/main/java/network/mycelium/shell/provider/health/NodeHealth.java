package network.mycelium.shell.provider.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.mycelium.node.health.HealthCheck;
import network.mycelium.node.health.HealthCheck.Finding;
import network.mycelium.node.health.HealthCheck.Problem;

/// Asks checks, each for a bounded time.
public final class NodeHealth {
    static final Duration LIMIT = Duration.ofSeconds(5);

    private NodeHealth() {}

    /// What a check found.
    public record Result(String check, Finding finding) {}

    /// All results in the order of the checks. One check that fails or hangs is a problem and keeps no other up.
    public static List<Result> of(List<HealthCheck> checks) throws InterruptedException {
        return of(checks, LIMIT);
    }

    static List<Result> of(List<HealthCheck> checks, Duration limit) throws InterruptedException {
        List<FutureTask<Finding>> tasks = new ArrayList<>();
        for (HealthCheck check : checks) {
            var task = new FutureTask<>(check::look);
            Thread.ofVirtual().name("health " + check.name()).start(task);
            tasks.add(task);
        }
        long end = System.nanoTime() + limit.toNanos();
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            results.add(new Result(checks.get(i).name(), finding(tasks.get(i), end, limit)));
        }
        return results;
    }

    private static Finding finding(FutureTask<Finding> task, long end, Duration limit) throws InterruptedException {
        try {
            return task.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            return failed("there was no answer within " + limit.toSeconds() + " seconds");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return failed(cause.getMessage() == null ? cause.toString() : cause.getMessage());
        }
    }

    private static Finding failed(String why) {
        return new Finding("", List.of(new Problem(why, "see `node log --level ERROR`")));
    }
}
