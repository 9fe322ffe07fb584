package network.mycelium.simulation;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Random;

/// Time that goes from event to event. Everything that happens is on the caller's thread, and all chance comes from the
/// seed, so the same seed gives the same run.
public final class Simulation {
    private record Event(long atMicros, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atMicros, other.atMicros);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowMicros;
    private long scheduled;

    public Simulation(long seed) {
        this.random = new Random(seed);
    }

    public Random random() {
        return random;
    }

    public long nowMicros() {
        return nowMicros;
    }

    public long nowMillis() {
        return nowMicros / 1000;
    }

    /// Events of one moment happen in the order in which they were scheduled.
    public void after(long micros, Runnable action) {
        events.add(new Event(nowMicros + Math.max(micros, 0), scheduled++, action));
    }

    /// Runs the action again and again, first after a random part of the period.
    public void every(Duration period, Runnable action) {
        long micros = period.toNanos() / 1000;
        after(random.nextLong(micros), new Runnable() {
            @Override
            public void run() {
                action.run();
                after(micros, this);
            }
        });
    }

    /// Lets so much time pass.
    ///
    /// @return events that happened
    public long run(Duration time) {
        long until = nowMicros + time.toNanos() / 1000;
        long happened = 0;
        while (!events.isEmpty() && events.peek().atMicros <= until) {
            Event event = events.poll();
            nowMicros = event.atMicros;
            event.action.run();
            happened++;
        }
        nowMicros = until;
        return happened;
    }
}
