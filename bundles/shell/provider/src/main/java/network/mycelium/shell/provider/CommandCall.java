package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import network.mycelium.shell.Shell;

/// One command on a thread of its own, which can be cancelled: the thread is interrupted, again and again for
/// [#GRACE], then abandoned. Its output goes through a [TerminalStream], and nowhere once it was cancelled.
final class CommandCall implements Shell.Call {
    private static final Logger LOG = System.getLogger(CommandCall.class.getName());
    static final Duration GRACE = Duration.ofSeconds(3);
    private static final Duration AGAIN = Duration.ofMillis(500);

    /// The work of a command.
    interface Work {
        /// @return the exit code
        int run(CommandCall call);
    }

    private final String name;
    private final AtomicInteger abandoned;
    private final Gate out;
    private final Gate error;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final ReentrantLock writing = new ReentrantLock();
    private Thread thread;
    /// Why it was cancelled; null if it was not.
    private String cancelled;

    private boolean done;
    private Runnable onCancel = () -> {};

    /// @param name for the log
    /// @param abandoned counts those that were cancelled and go on
    CommandCall(String name, OutputStream out, OutputStream error, AtomicInteger abandoned) {
        this.name = name;
        this.abandoned = abandoned;
        this.out = new Gate(out);
        this.error = out == error ? this.out : new Gate(error);
    }

    PrintStream out() {
        return print(out);
    }

    PrintStream error() {
        return print(error);
    }

    private static PrintStream print(Gate gate) {
        return new PrintStream(gate.text, true, StandardCharsets.UTF_8);
    }

    CommandCall start(Work work) {
        // No virtual thread: those of commands that compute and do not end would leave no processor to all others.
        Thread runs = Thread.ofPlatform().daemon().name("command " + name).unstarted(() -> run(work));
        synchronized (this) {
            thread = runs;
        }
        runs.start();
        return this;
    }

    private void run(Work work) {
        int exit = 1;
        try {
            exit = work.run(this);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the command " + name + " broke off", e);
        } finally {
            end();
            ended.complete(cancelled() == null ? exit : Shell.CANCELLED);
        }
    }

    /// From here on the thread is interrupted no more, so that what is left to do can be done.
    ///
    /// @return why the command was cancelled; null if it was not
    synchronized String end() {
        done = true;
        if (Thread.currentThread() == thread) {
            Thread.interrupted();
        }
        return cancelled;
    }

    /// Says what else ends the command.
    synchronized void onCancel(Runnable action) {
        onCancel = action;
        if (cancelled != null) {
            action.run();
        }
    }

    private synchronized String cancelled() {
        return cancelled;
    }

    @Override
    public void cancel(String why) {
        synchronized (this) {
            if (done || cancelled != null) {
                return;
            }
            cancelled = why;
            onCancel.run();
        }
        out.close();
        error.close();
        Thread.ofVirtual().name("cancel " + name).start(this::insist);
    }

    private void insist() {
        long until = System.nanoTime() + GRACE.toNanos();
        while (System.nanoTime() < until) {
            interrupt();
            if (hasEnded(AGAIN)) {
                return;
            }
        }
        int count = abandoned.incrementAndGet();
        LOG.log(
                Level.WARNING,
                "the command {0} does not end though it was cancelled ({1}); it is left alone, one of {2}",
                name,
                cancelled(),
                count);
        ended.complete(Shell.CANCELLED);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            abandoned.decrementAndGet();
        }
    }

    /// Not within a write, unless that hangs: an interrupt would close the channel that it writes to, and with it the
    /// session of somebody who only pressed Ctrl-C.
    private void interrupt() {
        boolean free = false;
        try {
            free = writing.tryLock(AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            synchronized (this) {
                if (!done) {
                    thread.interrupt();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("Nobody interrupts this", e);
        } finally {
            if (free) {
                writing.unlock();
            }
        }
    }

    private boolean hasEnded(Duration limit) {
        try {
            ended.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("Nobody interrupts this, and it does not fail", e);
        }
    }

    @Override
    public int await() {
        return await(Duration.ofNanos(Long.MAX_VALUE));
    }

    @Override
    public int await(Duration limit) {
        boolean interrupted = false;
        long until = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                try {
                    return ended.get(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    cancel("it ran for %d seconds, which is the limit".formatted(limit.toSeconds()));
                    until = System.nanoTime() + 2 * GRACE.toNanos();
                } catch (InterruptedException e) {
                    interrupted = true;
                    cancel("its caller was interrupted");
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("It does not fail", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Lets nothing through once it is closed. A caller who takes nothing more has gone: that cancels the command.
    private final class Gate extends OutputStream {
        private final OutputStream target;
        private final TerminalStream text = new TerminalStream(this);
        private volatile boolean closed;

        Gate(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writing.lock();
            try {
                if (closed) {
                    throw new IOException("the command was cancelled");
                }
                target.write(bytes, offset, length);
            } catch (IOException e) {
                cancel("its caller takes no output: " + e);
                throw e;
            } finally {
                writing.unlock();
            }
        }

        @Override
        public void flush() throws IOException {
            if (!closed) {
                target.flush();
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
