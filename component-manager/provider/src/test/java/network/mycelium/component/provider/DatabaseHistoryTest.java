package network.mycelium.component.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import network.mycelium.component.ComponentEvent;
import network.mycelium.storage.Database;
import network.mycelium.storage.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentServiceObjects;

@Timeout(30)
class DatabaseHistoryTest {
    private final Rows rows = new Rows();
    /// So long that a test which waits for it fails.
    private final DatabaseHistory history = new DatabaseHistory(new Always(rows), Duration.ofHours(1));

    /// Counts what is inserted in each transaction.
    private static final class Rows implements Database {
        final List<Integer> transactions = new CopyOnWriteArrayList<>();
        volatile boolean broken;
        private int inserted;

        @Override
        public void migrate(String owner, List<Migration> migrations) {
            assertThat(migrations).isNotEmpty();
        }

        @Override
        public int update(String sql, Map<String, ?> parameters) {
            if (sql.startsWith("INSERT")) {
                inserted++;
            }
            return 1;
        }

        @Override
        public <T> List<T> query(Class<T> row, String sql, Map<String, ?> parameters) {
            return List.of();
        }

        @Override
        public void transaction(Work work) {
            if (broken) {
                throw new StorageException("the disk is full", null);
            }
            inserted = 0;
            work.run(this);
            transactions.add(inserted);
        }

        @Override
        public String dialect() {
            return "h2";
        }

        int events() {
            return transactions.stream().mapToInt(n -> n).sum();
        }
    }

    private record Always(Database database) implements ComponentServiceObjects<Database> {
        @Override
        public Database getService() {
            return database;
        }

        @Override
        public void ungetService(Database service) {
            assertThat(service).isSameAs(database);
        }

        @Override
        public ServiceReference<Database> getServiceReference() {
            throw new UnsupportedOperationException();
        }
    }

    private static ComponentEvent event(int number) {
        return new ComponentEvent(Instant.EPOCH, ComponentEvent.Type.LOADED, "greeter", "1.0." + number, "test", "");
    }

    @Test
    void an_event_that_comes_alone_is_written_at_once() {
        history.changed(event(1));
        await().until(() -> rows.events() == 1);
    }

    @Test
    void events_that_come_all_the_time_are_written_together() {
        Duration rest = Duration.ofMillis(100);
        var resting = new DatabaseHistory(new Always(rows), rest);
        long begin = System.nanoTime();
        int count = 200;
        for (int i = 0; i < count; i++) {
            resting.changed(event(i));
            LockSupport.parkNanos(2_000_000);
        }
        await().until(() -> rows.events() == count);
        long rests = (System.nanoTime() - begin) / rest.toNanos();
        assertThat(rows.transactions).hasSizeBetween(2, (int) rests + 2);
    }

    @Test
    void whoever_reads_sees_what_was_not_written_yet() {
        history.changed(event(1));
        history.changed(event(2));
        assertThat(history.recent("", 10)).isEmpty();
        assertThat(rows.events()).isEqualTo(2);
    }

    @Test
    void a_bundle_that_stops_writes_what_is_left_without_waiting() throws Exception {
        for (int i = 0; i < 5; i++) {
            history.changed(event(i));
        }
        history.deactivate();
        assertThat(rows.events()).isEqualTo(5);
    }

    @Test
    void a_burst_is_written_before_it_fills_the_memory() {
        for (int i = 0; i < 2_500; i++) {
            history.changed(event(i));
        }
        assertThat(history.recent("", 1)).isEmpty();
        assertThat(rows.events()).isEqualTo(2_500);
        assertThat(rows.transactions).allMatch(count -> count <= 1_000);
    }

    @Test
    void what_a_database_refuses_is_lost_and_what_comes_later_is_written() {
        rows.broken = true;
        history.changed(event(1));
        assertThat(history.recent("", 1)).isEmpty();
        rows.broken = false;
        history.changed(event(2));
        assertThat(history.recent("", 1)).isEmpty();
        assertThat(rows.events()).isEqualTo(1);
    }
}
