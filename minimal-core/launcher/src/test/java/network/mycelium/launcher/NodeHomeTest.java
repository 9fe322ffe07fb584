package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeHomeTest {
    @TempDir
    Path temp;

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Path set(Path path, String permissions) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void a_new_home_is_its_owners_alone_and_has_its_folders() throws Exception {
        Path dir = temp.resolve("a/b/home");
        try (var home = NodeHome.open(dir)) {
            assertThat(permissions(dir)).isEqualTo("rwx------");
            for (String name : new String[] {"config", "cache", "state", "data", "log", "run", "work"}) {
                assertThat(home.path(name)).isDirectory();
            }
            assertThat(Files.readString(home.path("run/lock")))
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void a_home_that_is_open_to_others_is_closed_with_its_secrets() throws Exception {
        Path dir = Files.createDirectories(temp.resolve("home"));
        Path key = secret(dir.resolve("state/node.key"));
        Path config = secret(dir.resolve("config/network/mycelium/storage.config"));
        Path database = secret(dir.resolve("data/mycelium.mv.db"));
        Path script = set(secret(dir.resolve("config/run")), "rwxr-xr-x");
        Path log = secret(dir.resolve("log/node.0.log"));
        set(dir, "rwxr-xr-x");
        NodeHome.open(dir).close();
        assertThat(permissions(dir)).isEqualTo("rwx------");
        for (Path file : new Path[] {key, config, database}) {
            assertThat(permissions(file)).isEqualTo("rw-------");
        }
        assertThat(permissions(script)).isEqualTo("rwx------");
        // Not a secret, and behind a closed door.
        assertThat(permissions(log)).isEqualTo("rw-r--r--");
    }

    private static Path secret(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return set(Files.writeString(file, "secret"), "rw-r--r--");
    }

    @Test
    void a_link_in_the_home_is_not_followed() throws Exception {
        Path outside = set(Files.writeString(temp.resolve("outside"), "x"), "rw-r--r--");
        Path dir = Files.createDirectories(temp.resolve("home/state"));
        Files.createSymbolicLink(dir.resolve("link"), outside);
        set(dir.getParent(), "rwxr-xr-x");
        NodeHome.open(dir.getParent()).close();
        assertThat(permissions(outside)).isEqualTo("rw-r--r--");
    }

    @Test
    void one_process_holds_a_home_at_a_time() throws Exception {
        Path dir = temp.resolve("home");
        try (var home = NodeHome.open(dir)) {
            assertThatThrownBy(() -> NodeHome.open(dir))
                    .isInstanceOfSatisfying(
                            LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.HOME_LOCKED))
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            assertThat(home.dir()).isEqualTo(dir);
        }
        NodeHome.open(dir).close();
    }

    @Test
    void a_damaged_lock_file_is_as_good_as_any() throws Exception {
        Path dir = temp.resolve("home");
        NodeHome.open(dir).close();
        Files.write(dir.resolve("run/lock"), new byte[5000]);
        set(dir.resolve("run/lock"), "r--------");
        NodeHome.open(dir).close();
        assertThat(Files.readString(dir.resolve("run/lock")))
                .isEqualTo(Long.toString(ProcessHandle.current().pid()));
    }

    @Test
    void what_is_no_folder_is_refused_and_said() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "x");
        for (Path bad : new Path[] {file, file.resolve("home")}) {
            assertThatThrownBy(() -> NodeHome.open(bad))
                    .isInstanceOfSatisfying(
                            LaunchException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.HOME_UNUSABLE))
                    .hasMessageContaining(bad.toString())
                    .hasMessageContaining("--home DIR");
        }
    }

    @Test
    void what_a_write_cut_short_has_left_goes() throws Exception {
        Path dir = temp.resolve("home");
        NodeHome.open(dir).close();
        Path left = Files.writeString(dir.resolve("state/.atomic-7.tmp"), "half");
        NodeHome.open(dir).close();
        assertThat(left).doesNotExist();
    }
}
