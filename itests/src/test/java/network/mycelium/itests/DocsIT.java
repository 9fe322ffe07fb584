package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the pages show is what happens: their commands are run in order, and print what stands below them.
@Timeout(value = 10, unit = java.util.concurrent.TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DocsIT {
    @TempDir
    Path temp;

    /// Each page on nodes of its own, all at once.
    @Test
    void whoever_follows_a_page_sees_what_it_shows() throws Exception {
        List<Future<List<String>>> pages = new ArrayList<>();
        try (var all = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String page : List.of("README.md", "docs/tutorial.md", "docs/operators.md")) {
                Path scratch = Files.createDirectory(temp.resolve(Path.of(page).getFileName() + ".nodes"));
                pages.add(all.submit(() -> follow(page, scratch)));
            }
        }
        List<String> problems = new ArrayList<>();
        for (Future<List<String>> page : pages) {
            problems.addAll(page.get());
        }
        assertThat(problems).isEmpty();
    }

    /// @return what is not as it is shown
    private static List<String> follow(String page, Path scratch) throws Exception {
        List<String> problems = new ArrayList<>();
        int run = 0;
        long began = System.nanoTime();
        try (var nodes = new DocumentedNodes(scratch)) {
            for (ConsoleBlock block : ConsoleBlock.of(ForeignPeers.checkout().resolve(page))) {
                if (block.isRun()) {
                    problems.addAll(nodes.run(block));
                    run++;
                } else {
                    System.out.printf(
                            "%s line %d, \"%s\" is not run: %s%n", page, block.line(), block.heading(), block.why());
                }
            }
        }
        System.out.printf("%s: %d blocks in %.0f s%n", page, run, (System.nanoTime() - began) / 1e9);
        if (run == 0) {
            problems.add(page + " shows nothing that is run");
        }
        return problems;
    }

    @Test
    void output_fits_if_only_numbers_times_and_keys_differ() {
        List<String> shown = List.of("NAME     VERSION  SINCE", "greeter  1.0.0    2026-11-24T10:00:00Z", "...");
        assertThat(OutputShape.fits(shown, List.of("NAME VERSION SINCE", "greeter 12.3.1 2027-01-01T00:00:00.5Z", "x")))
                .isTrue();
        assertThat(OutputShape.fits(shown, List.of("NAME VERSION SINCE", "greeter 12.3.1 2027-01-01T00:00:00.5Z")))
                .isTrue();
        for (List<String> other : List.of(
                List.<String>of(),
                List.of("NAME VERSION SINCE"),
                List.of("NAME VERSION", "greeter 1.0.0 2026-11-24T10:00:00Z"),
                List.of("NAME VERSION SINCE", "other 1.0.0 2026-11-24T10:00:00Z"),
                List.of("NAME VERSION SINCE", "greeter 1.0.0 1331 s"))) {
            assertThat(OutputShape.fits(shown, other)).as(other.toString()).isFalse();
        }
        assertThat(OutputShape.fits(List.of("peer ...", "end"), List.of("peer 12D3KooWx at a", "end")))
                .isTrue();
        assertThat(OutputShape.fits(List.of(), List.of("more"))).isFalse();
    }

    @Test
    void a_block_says_whether_it_is_run_or_why_not() {
        List<String> lines = List.of("# A", "```console run exit=1", "$ a b", "out", "$ c", "```", "```", "x", "```");
        ConsoleBlock block = ConsoleBlock.of("p", lines).getFirst();
        assertThat(block.heading()).isEqualTo("A");
        assertThat(block.exit()).isEqualTo(1);
        assertThat(block.steps())
                .containsExactly(new ConsoleBlock.Step("a b", List.of("out")), new ConsoleBlock.Step("c", List.of()));
        assertThat(ConsoleBlock.of("p", List.of("```console not run: slow", "$ a", "```"))
                        .getFirst()
                        .why())
                .isEqualTo("slow");
        assertThatThrownBy(() -> ConsoleBlock.of("p", List.of("```console", "$ a", "```")))
                .hasMessageContaining("p line 1");
        assertThatThrownBy(() -> ConsoleBlock.of("p", List.of("```console run", "out", "```")))
                .hasMessageContaining("output before a command");
    }
}
