package network.mycelium.component.provider;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import network.mycelium.component.ComponentEvent;
import network.mycelium.component.ComponentHistory;
import network.mycelium.component.ComponentListener;
import network.mycelium.storage.Database;
import network.mycelium.storage.Database.Migration;
import org.osgi.service.component.ComponentServiceObjects;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceScope;

/// Writes every event into the table `component_event`, and reads it back. The database is first opened when
/// there is something to write or read, so a node that only boots does not pay for it. An event that comes alone is
/// written at once; those that come within [#REST] after that are written together, for each transaction costs the disk
/// a write and H2 a piece of its file and of its memory for the next 45 seconds. A kill costs the history what came
/// since
/// the last write.
@Component
public final class DatabaseHistory implements ComponentHistory, ComponentListener {
    private static final Logger LOG = System.getLogger(DatabaseHistory.class.getName());
    private static final String OWNER = "network.mycelium.component";
    private static final int MAX_ROWS = 10_000;
    private static final int MAX_PENDING = 1_000;
    /// The least time from one write to the next.
    private static final Duration REST = Duration.ofMillis(250);

    private static final List<Migration> MIGRATIONS = List.of(new Migration(1, """
            CREATE TABLE component_event (
              id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              at_millis BIGINT NOT NULL,
              type VARCHAR(32) NOT NULL,
              component VARCHAR(255) NOT NULL,
              version VARCHAR(255) NOT NULL,
              cause VARCHAR(1024) NOT NULL,
              detail VARCHAR(8192) NOT NULL
            );
            CREATE INDEX component_event_component ON component_event (component, id);
            """));

    private final ComponentServiceObjects<Database> databases;
    private final Duration rest;
    private final List<ComponentEvent> pending = new ArrayList<>(); // guarded by itself
    private Thread writer; // guarded by pending
    private boolean stopping; // guarded by pending
    private boolean migrated;

    /// A row of the table.
    record Row(long atMillis, String type, String component, String version, String cause, String detail) {
        ComponentEvent event() {
            return new ComponentEvent(
                    Instant.ofEpochMilli(atMillis),
                    ComponentEvent.Type.valueOf(type),
                    component,
                    version,
                    cause,
                    detail);
        }
    }

    @Activate
    public DatabaseHistory(@Reference(scope = ReferenceScope.BUNDLE) ComponentServiceObjects<Database> databases) {
        this(databases, REST);
    }

    DatabaseHistory(ComponentServiceObjects<Database> databases, Duration rest) {
        this.databases = databases;
        this.rest = rest;
    }

    @Override
    public void changed(ComponentEvent event) {
        synchronized (pending) {
            pending.add(event);
            if (pending.size() < MAX_PENDING) {
                if (writer == null) {
                    writer = Thread.ofVirtual().name("component-history").start(this::writeAll);
                }
                return;
            }
        }
        write();
    }

    private void writeAll() {
        while (true) {
            write();
            synchronized (pending) {
                rest();
                if (pending.isEmpty() || stopping) {
                    writer = null;
                    return;
                }
            }
        }
    }

    /// Ends early when the bundle stops. The caller holds the lock of pending.
    private void rest() {
        long until = System.nanoTime() + rest.toNanos();
        for (long left; !stopping && (left = until - System.nanoTime()) > 0; ) {
            try {
                TimeUnit.NANOSECONDS.timedWait(pending, left);
            } catch (InterruptedException e) {
                // Nobody interrupts it; if somebody did, the next write would only come sooner.
                return;
            }
        }
    }

    private synchronized void write() {
        List<ComponentEvent> events;
        synchronized (pending) {
            events = List.copyOf(pending);
            pending.clear();
        }
        if (events.isEmpty()) {
            return;
        }
        try {
            database().transaction(database -> {
                events.forEach(event -> insert(database, event));
                database.update(
                        "DELETE FROM component_event WHERE id <= (SELECT MAX(id) FROM component_event) - :keep",
                        Map.of("keep", MAX_ROWS));
            });
        } catch (RuntimeException e) {
            // The history is for people; what must survive is in the journal.
            LOG.log(Level.WARNING, "events are missing in the history: " + events, e);
        }
    }

    private static void insert(Database database, ComponentEvent event) {
        database.update(
                """
                INSERT INTO component_event (at_millis, type, component, version, cause, detail)
                VALUES (:at, :type, :component, :version, :cause, :detail)""",
                Map.of(
                        "at",
                        event.time().toEpochMilli(),
                        "type",
                        event.type().name(),
                        "component",
                        cut(event.component(), 255),
                        "version",
                        cut(event.version(), 255),
                        "cause",
                        cut(event.cause(), 1024),
                        "detail",
                        cut(event.detail(), 8192)));
    }

    @Override
    public List<ComponentEvent> recent(String component, int limit) {
        write();
        List<ComponentEvent> events = new ArrayList<>();
        String sql = component.isEmpty()
                ? "SELECT * FROM component_event ORDER BY id DESC LIMIT :limit"
                : "SELECT * FROM component_event WHERE component = :component ORDER BY id DESC LIMIT :limit";
        Map<String, ?> parameters =
                component.isEmpty() ? Map.of("limit", limit) : Map.of("limit", limit, "component", component);
        database().query(Row.class, sql, parameters).forEach(row -> events.add(row.event()));
        return events;
    }

    @Deactivate
    void deactivate() throws InterruptedException {
        Thread waiting;
        synchronized (pending) {
            stopping = true;
            pending.notifyAll();
            waiting = writer;
        }
        if (waiting != null) {
            waiting.join();
        }
        write();
    }

    private synchronized Database database() {
        Database database = databases.getService();
        if (!migrated) {
            database.migrate(OWNER, MIGRATIONS);
            migrated = true;
        }
        return database;
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }
}
