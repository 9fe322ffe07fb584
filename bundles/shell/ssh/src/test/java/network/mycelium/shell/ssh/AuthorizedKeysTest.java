package network.mycelium.shell.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import network.mycelium.node.command.Access;
import network.mycelium.shell.ssh.AuthorizedKeys.Grant;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorizedKeysTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    @TempDir
    Path folder;

    private Path file;
    private AuthorizedKeys keys;
    private KeyPair pair;
    private String line;
    private final List<String> warnings = new ArrayList<>();
    private final Logger logger = Logger.getLogger(AuthorizedKeys.class.getName());
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            warnings.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void make() throws Exception {
        logger.addHandler(handler);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        file = folder.resolve("authorized_keys");
        keys = new AuthorizedKeys(file);
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        pair = generator.generateKeyPair();
        line = PublicKeyEntry.toString(pair.getPublic());
    }

    @AfterEach
    void unhook() {
        logger.removeHandler(handler);
    }

    private Optional<Grant> find(String... lines) throws IOException {
        Files.writeString(file, String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return keys.find(pair.getPublic(), HERE, Instant.now());
    }

    @Test
    void a_key_is_known_by_its_fingerprint_and_comment() throws Exception {
        assertThat(keys.find(pair.getPublic(), HERE, Instant.now())).isEmpty();
        Grant grant = find("# a comment", "", line + " anna at home").orElseThrow();
        assertThat(grant.name()).isEqualTo("anna at home");
        assertThat(grant.fingerprint())
                .isEqualTo(KeyUtils.getFingerPrint(pair.getPublic()))
                .startsWith("SHA256:");
        assertThat(grant.options().access()).isEqualTo(Access.FULL);
        assertThat(grant.options().terminal()).isTrue();
        assertThat(find(line).orElseThrow().name()).isEqualTo(grant.fingerprint());
    }

    @Test
    void a_key_that_is_taken_out_is_out_at_once() throws Exception {
        assertThat(find(line)).isPresent();
        assertThat(find("# nobody")).isEmpty();
    }

    @Test
    void options_are_honoured() throws Exception {
        Grant grant = find("restrict,command=\"node config a \\\"b c\\\", d\",access=\"read-only\" " + line)
                .orElseThrow();
        assertThat(grant.options().command()).contains("node config a \"b c\", d");
        assertThat(grant.options().access()).isEqualTo(Access.READ_ONLY);
        assertThat(grant.options().terminal()).isFalse();
        assertThat(find("restrict,pty " + line).orElseThrow().options().terminal())
                .isTrue();
        assertThat(find("No-Pty,no-port-forwarding " + line)
                        .orElseThrow()
                        .options()
                        .terminal())
                .isFalse();
        assertThat(find("from=\"127.0.0.0/8\" " + line)).isPresent();
        assertThat(find("from=\"10.0.0.0/8,192.168.*\" " + line)).isEmpty();
        assertThat(keys.find(pair.getPublic(), null, Instant.now())).isEmpty();
        assertThat(find("expiry-time=\"20200101\" " + line)).isEmpty();
        assertThat(find("expiry-time=\"29991231235959Z\" " + line)).isPresent();
        assertThat(keys.find(pair.getPublic(), HERE, Instant.parse("3000-01-01T00:00:00Z")))
                .isEmpty();
        assertThat(warnings).isEmpty();
    }

    @Test
    void a_key_with_an_option_that_is_not_known_is_refused_and_the_others_are_not() throws Exception {
        for (String option : List.of(
                "environment=\"A=b\"",
                "permitopen=\"host:1\"",
                "cert-authority",
                "frobnicate",
                "!pty",
                "access=\"supreme\"",
                "access=full",
                "command=\"\"",
                "from=\"10.0.0.0/99\"",
                "from=\"nonsense/8\"",
                "expiry-time=\"soon\"",
                "restrict,restrict",
                "command=\"unfinished")) {
            warnings.clear();
            assertThat(find(option + " " + line)).as(option).isEmpty();
            assertThat(warnings).as(option).singleElement().asString().contains("line 1", "is not accepted");
            assertThat(find(option + " " + line.replace("AAAA", "AAAB"), "access=\"limited\" " + line))
                    .as(option)
                    .isPresent();
        }
        find("environment=\"A=b\" " + line);
        assertThat(warnings.getLast()).contains("the option environment is not known here");
    }

    @Test
    void a_file_that_others_may_write_lets_nobody_in_and_says_so_once() throws Exception {
        assertThat(find(line)).isPresent();
        for (String mode : List.of("rw-rw----", "rw----rw-", "rw-rw-rw-")) {
            warnings.clear();
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            assertThat(keys.find(pair.getPublic(), HERE, Instant.now()))
                    .as(mode)
                    .isEmpty();
            assertThat(keys.find(pair.getPublic(), HERE, Instant.now()))
                    .as(mode)
                    .isEmpty();
        }
        assertThat(warnings).isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(keys.find(pair.getPublic(), HERE, Instant.now())).isPresent();

        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwx---"));
        assertThat(keys.find(pair.getPublic(), HERE, Instant.now())).isEmpty();
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("Nobody gets in over SSH", "others may write", "chmod go-w", folder.toString());
    }

    @Test
    void a_line_that_is_no_key_is_told_and_skipped() throws Exception {
        assertThat(find("ssh-ed25519", "nonsense", "ssh-ed25519 AAAA!", line)).isPresent();
        assertThat(warnings).hasSize(3);
    }
}
