package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustedCoreTest {
    @TempDir
    Path temp;

    private NodeHome home;
    private Path pin;
    private CoreManifest.Verified first;
    private CoreManifest.Verified second;
    private CoreManifest.Verified foreign;

    @BeforeEach
    void make() throws Exception {
        home = NodeHome.open(temp.resolve("home"));
        pin = home.path("state/core.pub");
        var key = TestDistribution.key();
        first = verified(TestDistribution.in(temp.resolve("first"), key).sign());
        second = verified(TestDistribution.in(temp.resolve("second"), key)
                .file("core/10-a/a.jar", new byte[3])
                .sign());
        foreign = verified(TestDistribution.in(temp.resolve("foreign")).sign());
    }

    @AfterEach
    void close() throws Exception {
        home.close();
    }

    private static CoreManifest.Verified verified(TestDistribution dist) throws LaunchException {
        return CoreManifest.verify(dist.dir, List.of());
    }

    private TrustedCore read() throws LaunchException {
        return TrustedCore.read(home);
    }

    @Test
    void the_first_key_is_trusted_and_no_other() throws Exception {
        read().check(first, false);
        read().check(second, false);
        assertThatThrownBy(() -> read().check(foreign, false))
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CORE_TAMPERED))
                .hasMessageContaining("--accept-core");
        read().check(first, false);
    }

    @Test
    void both_manifests_are_remembered_and_a_third_takes_the_place_of_the_older() throws Exception {
        assertThat(read().manifests()).isEmpty();
        read().check(first, false);
        read().check(second, false);
        assertThat(read().manifests()).containsExactly(second.sha256(), first.sha256());
        byte[] before = Files.readAllBytes(pin);
        read().check(first, false);
        assertThat(Files.readAllBytes(pin)).isEqualTo(before);
    }

    @Test
    void an_operator_may_accept_another_key_and_the_old_one_is_none_then() throws Exception {
        read().check(first, false);
        read().check(foreign, true);
        assertThat(read().manifests()).containsExactly(foreign.sha256());
        assertThatThrownBy(() -> read().check(first, false)).isInstanceOf(LaunchException.class);
    }

    @Test
    void a_file_without_a_key_is_no_reason_to_trust_whoever_comes() throws Exception {
        read().check(first, false);
        for (byte[] damaged : List.of(
                new byte[0],
                new byte[] {(byte) 0xff, 0, 7},
                "\n\n".getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
            Files.write(pin, damaged);
            assertThatThrownBy(() -> read().check(foreign, false))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining(pin.toString())
                    .hasMessageContaining("--accept-core")
                    .message()
                    .doesNotContain("\n");
        }
        read().check(first, true);
        read().check(second, false);
    }

    @Test
    void damage_to_the_digests_costs_a_verification_and_nothing_more() throws Exception {
        read().check(first, false);
        Files.writeString(pin, first.key() + "\nnonsense\n\n");
        assertThat(read().manifests()).isEmpty();
        read().check(first, false);
        assertThat(read().manifests()).containsExactly(first.sha256());
    }

    @Test
    void what_cannot_be_read_or_written_is_said() throws Exception {
        Files.createDirectories(pin);
        assertThatThrownBy(this::read)
                .isInstanceOfSatisfying(
                        LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.HOME_UNUSABLE))
                .hasMessageContaining(pin.toString());
    }
}
