package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoreChoiceTest {
    @TempDir
    Path temp;

    private Path home;
    private Path dist;

    @BeforeEach
    void make() throws IOException {
        home = temp.resolve("home");
        dist = core(temp.resolve("dist"), "1.0.0");
        Files.createDirectories(home.resolve("state"));
    }

    private static Path core(Path folder, String version) throws IOException {
        Files.createDirectories(folder.resolve("core/00-core"));
        Files.writeString(folder.resolve(CoreChoice.VERSION_FILE), version + "\n");
        return folder;
    }

    private void offer(String version) throws IOException {
        core(home.resolve("cores").resolve(version), version);
        Files.writeString(home.resolve("state/core-next"), version + "\n");
    }

    private CoreChoice choice() {
        return new CoreChoice(home, dist);
    }

    private String chosen(CoreChoice choice) throws IOException {
        return CoreChoice.version(choice.choose());
    }

    @Test
    void a_core_that_came_up_stays_and_the_one_before_it_goes() throws IOException {
        offer("2.0.0");
        CoreChoice choice = choice();
        assertThat(choice.goesOn()).isTrue();
        assertThat(chosen(choice)).isEqualTo("2.0.0");
        assertThat(choice.isTrial()).isTrue();
        choice.confirm();
        assertThat(chosen(choice())).isEqualTo("2.0.0");

        offer("3.0.0");
        CoreChoice next = choice();
        assertThat(chosen(next)).isEqualTo("3.0.0");
        next.confirm();
        assertThat(home.resolve("cores")).isDirectoryNotContaining("glob:**2.0.0");
        assertThat(chosen(choice())).isEqualTo("3.0.0");
    }

    @Test
    void a_core_that_fails_is_not_tried_again() throws IOException {
        offer("2.0.0");
        CoreChoice choice = choice();
        chosen(choice);
        choice.reject("it\nfell");
        assertThat(chosen(choice)).isEqualTo("1.0.0");
        assertThat(Files.readAllLines(home.resolve("state/core-rejected"))).containsExactly("2.0.0 it fell");
    }

    @Test
    void a_core_whose_node_ended_is_tried_once_more_and_not_twice() throws IOException {
        offer("2.0.0");
        assertThat(chosen(choice())).isEqualTo("2.0.0");
        CoreChoice again = choice();
        assertThat(chosen(again)).isEqualTo("2.0.0");
        assertThat(again.isTrial()).isTrue();
        again.confirm();
        assertThat(chosen(choice())).isEqualTo("2.0.0");
        assertThat(home.resolve("state/core-rejected")).doesNotExist();

        offer("3.0.0");
        assertThat(chosen(choice())).isEqualTo("3.0.0");
        assertThat(chosen(choice())).isEqualTo("3.0.0");
        CoreChoice after = choice();
        assertThat(chosen(after)).isEqualTo("2.0.0");
        assertThat(after.isTrial()).isFalse();
        assertThat(Files.readAllLines(home.resolve("state/core-rejected")))
                .containsExactly("3.0.0 the node ended twice before it was up");
    }

    @Test
    void a_core_that_is_replaced_on_trial_does_not_come_back() throws IOException {
        offer("2.0.0");
        assertThat(chosen(choice())).isEqualTo("2.0.0");
        offer("3.0.0");
        CoreChoice choice = choice();
        assertThat(chosen(choice)).isEqualTo("3.0.0");
        choice.reject("it fell");
        assertThat(chosen(choice)).isEqualTo("1.0.0");
        assertThat(Files.readAllLines(home.resolve("state/core-rejected")))
                .containsExactly("2.0.0 another core took its place before it was up", "3.0.0 it fell");
    }

    @Test
    void another_distribution_counts_more_than_an_update_of_the_one_before() throws IOException {
        offer("2.0.0");
        CoreChoice choice = choice();
        chosen(choice);
        choice.confirm();
        core(dist, "1.5.0");
        assertThat(chosen(choice())).isEqualTo("1.5.0");
    }

    @Test
    void a_core_that_is_no_longer_what_it_was_gives_way_to_the_distributions() throws IOException {
        offer("2.0.0");
        CoreChoice choice = choice();
        chosen(choice);
        choice.confirm();
        choice.forget("changed");
        assertThat(chosen(choice())).isEqualTo("1.0.0");
    }

    @Test
    void files_that_make_no_sense_leave_the_distributions_core() throws IOException {
        for (String nonsense : List.of("", "../../etc", "a/b", "..", "\0", "x".repeat(100))) {
            for (String file : List.of("core-next", "core-trying", "core-current")) {
                Files.writeString(home.resolve("state").resolve(file), nonsense);
            }
            assertThat(chosen(choice())).isEqualTo("1.0.0");
        }
    }

    @Test
    void all_that_failed_are_remembered_up_to_a_bound() throws IOException {
        for (int i = 0; i < 40; i++) {
            offer("2.0." + i);
            CoreChoice choice = choice();
            chosen(choice);
            choice.reject("it fell");
        }
        assertThat(Files.readAllLines(home.resolve("state/core-rejected")))
                .hasSize(32)
                .startsWith("2.0.8 it fell")
                .endsWith("2.0.39 it fell");
    }

    @Test
    void what_cannot_be_read_leaves_the_distributions_core() throws IOException {
        for (String file : List.of("core-next", "core-current", "core-rejected")) {
            Files.createDirectories(home.resolve("state").resolve(file));
        }
        Files.write(home.resolve("state/core-trying"), new byte[] {(byte) 0xff, (byte) 0xfe, 7});
        assertThat(chosen(choice())).isEqualTo("1.0.0");
    }

    /// Every step is one rename or one removal: whichever was the last, a whole core is chosen.
    @Test
    void a_power_cut_at_any_point_leaves_the_old_core_or_the_new_one() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String current = "1.0.0";
        for (int cut = 0; cut < 200; cut++) {
            String next = "2.0." + cut;
            offer(next);
            CoreChoice choice = choice();
            String expected = current;
            switch (random.nextInt(4)) {
                case 0 -> {
                    // Before it is tried, and during the trial: it is tried at the next boot, and at the one after
                    // that.
                    assertThat(chosen(choice())).isEqualTo(next);
                    assertThat(chosen(choice())).isEqualTo(next);
                }
                case 1 -> {
                    chosen(choice);
                    // Within confirm: it is kept as current, and still on trial.
                    Files.writeString(home.resolve("state/core-current"), next + "\n1.0.0\n");
                    expected = next;
                }
                case 2 -> {
                    chosen(choice);
                    choice.confirm();
                    expected = next;
                }
                default -> {
                    chosen(choice);
                    choice.reject("bad");
                }
            }
            Path booted = choice().choose();
            assertThat(CoreChoice.version(booted)).as("seed %d", seed).isEqualTo(expected);
            current = expected;
        }
    }
}
