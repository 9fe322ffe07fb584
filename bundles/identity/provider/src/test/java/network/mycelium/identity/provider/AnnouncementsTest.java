package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import network.mycelium.identity.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AnnouncementsTest {
    private final Announcements announcements = new Announcements();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private static Statement statement(String key, long sequence) {
        return new Statement("directive", key, sequence, Instant.EPOCH, Statement.NEVER, new byte[0], List.of());
    }

    private void hear(Statement statement) {
        heard.add(statement.key() + statement.sequence());
    }

    @Test
    void who_tells_never_waits_for_a_listener_and_the_last_of_a_register_is_told() throws Exception {
        var slow = new CountDownLatch(1);
        announcements.listen(statement -> {
            hear(statement);
            try {
                slow.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        announcements.tell(List.of(statement("a", 1)));
        await().until(() -> !heard.isEmpty());
        for (int i = 1; i <= 1000; i++) {
            announcements.tell(List.of(statement("a", i + 1), statement("b", i)));
        }
        assertThat(heard).containsExactly("a1");
        slow.countDown();
        await().until(() -> heard.size() == 3);
        assertThat(heard).containsExactly("a1", "a1001", "b1000");
    }

    @Test
    void a_listener_that_throws_keeps_nobody_from_hearing() {
        announcements.watch(() -> {
            throw new IllegalStateException("a watcher that fails, on purpose");
        });
        announcements.listen(statement -> {
            throw new IllegalStateException("a listener that fails, on purpose");
        });
        announcements.listen(this::hear);
        announcements.tell(List.of(statement("a", 1), statement("b", 1)));
        await().until(() -> heard.equals(List.of("a1", "b1")));
    }

    @Test
    void watchers_hear_of_changes_without_statements_and_who_closed_hears_no_more() throws Exception {
        var changes = new AtomicInteger();
        announcements.watch(changes::incrementAndGet);
        announcements.listen(this::hear).close();
        announcements.tell(List.of());
        await().until(() -> changes.get() == 1);
        announcements.tell(List.of(statement("a", 1)));
        await().until(() -> changes.get() == 2);
        assertThat(heard).isEmpty();
    }

    @Test
    void a_listener_may_cause_what_it_hears_of_next() {
        announcements.listen(statement -> {
            hear(statement);
            if (statement.sequence() < 3) {
                announcements.tell(List.of(statement(statement.key(), statement.sequence() + 1)));
            }
        });
        announcements.tell(List.of(statement("a", 1)));
        await().until(() -> heard.equals(List.of("a1", "a2", "a3")));
    }
}
