package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.NetworkIdentity.AuditEntry;
import network.mycelium.identity.NetworkIdentity.Deed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("audit.log");
    }

    private static void append(AuditLog log, int count) throws IdentityException {
        for (int i = 0; i < count; i++) {
            log.append(NOW, "say", "something");
        }
    }

    @Test
    void an_entry_tells_who_did_what_by_which_key_and_how_it_ended_in_plain_text() throws Exception {
        var log = new AuditLog(file());
        log.append(NOW, new Deed("bob\u001b[31m", "SHA256:abc", "command", "a\tb\nc\u202e", "exit 1"));
        assertThat(log.read())
                .singleElement()
                .extracting(AuditEntry::deed)
                .isEqualTo(new Deed("bob [31m", "SHA256:abc", "command", "a b c ", "exit 1"));
    }

    @Test
    void a_torn_last_line_is_cut_off_and_stops_nobody() throws Exception {
        append(new AuditLog(file()), 2);
        long whole = Files.size(file());
        append(new AuditLog(file()), 1);
        byte[] bytes = Files.readAllBytes(file());
        for (int size = (int) whole; size < bytes.length; size++) {
            Files.write(file(), java.util.Arrays.copyOf(bytes, size));
            var log = new AuditLog(file());
            append(log, 1);
            assertThat(log.read()).as("cut to %d bytes", size).hasSize(3);
        }
    }

    @Test
    void a_line_that_was_changed_is_named_and_what_is_done_afterwards_is_still_put_on_record() throws Exception {
        append(new AuditLog(file()), 3);
        Files.writeString(file(), Files.readString(file()).replaceFirst("something", "nothing"));
        var log = new AuditLog(file());
        append(log, 1);
        assertThat(Files.readAllLines(file())).hasSize(4);
        assertThatThrownBy(log::read).isInstanceOf(IdentityException.class).hasMessageContaining("line 1");
    }

    @Test
    void garbage_in_the_file_stops_nobody() throws Exception {
        Files.write(file(), new byte[] {(byte) 0xff, 0, '\n', '\t', '\n'}, StandardOpenOption.CREATE);
        var log = new AuditLog(file());
        append(log, 1);
        assertThatThrownBy(log::read).isInstanceOf(IdentityException.class);
    }

    @Test
    void a_full_file_is_gone_on_from_and_the_oldest_is_dropped() throws Exception {
        var log = new AuditLog(file(), 1_000);
        append(log, 100);
        List<AuditEntry> kept = log.read();
        assertThat(kept.getLast().number()).isEqualTo(100);
        assertThat(kept.getFirst().number()).isGreaterThan(1);
        assertThat(kept)
                .extracting(AuditEntry::number)
                .isEqualTo(IntStream.rangeClosed((int) kept.getFirst().number(), 100)
                        .mapToObj(Long::valueOf)
                        .toList());
        try (var files = Files.list(folder)) {
            assertThat(files.count()).isEqualTo(AuditLog.MAX_FILES);
        }
        var again = new AuditLog(file(), 1_000);
        append(again, 1);
        assertThat(again.read().getLast().number()).isEqualTo(101);

        Files.delete(folder.resolve("audit.log.3"));
        assertThatThrownBy(again::read).isInstanceOf(IdentityException.class);
    }

    @Test
    void members_keep_heads_over_the_whole_length_of_a_log_and_over_a_start() throws Exception {
        var mine = Keys.envelopes(1);
        var log = new AuditLog(file());
        var own = new AuditHeads(log, mine, folder.resolve("own"));
        assertThat(own.own()).isEmpty();
        Path kept = folder.resolve("kept");
        var others = new AuditHeads(new AuditLog(folder.resolve("other")), Keys.envelopes(2), kept);
        for (int i = 0; i < 200; i++) {
            append(log, 1);
            others.heard(mine.self(), own.own());
            others.heard(Keys.envelopes(3).self(), own.own());
        }
        others.save();
        List<byte[]> heard = new AuditHeads(log, mine, kept).of(mine.self());
        assertThat(heard).hasSizeBetween(4, AuditHeads.MAX_EACH);
        List<Long> numbers = heard.stream()
                .map(head -> own.read(List.of(mine.self()), head).number())
                .toList();
        assertThat(numbers.getFirst()).isEqualTo(1);
        assertThat(numbers.getLast()).isEqualTo(200);
        assertThat(others.of(Keys.envelopes(3).self())).isEmpty();
    }
}
