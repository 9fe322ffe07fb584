package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The script `mycelium`, as far as it needs no node.
class CommandLineIT {
    private record Result(int exit, String output) {}

    private static Result run(Path script, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Result(process.exitValue(), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"build", "test", "demo", "new", "dist", "bench"})
    void a_home_is_refused_where_it_would_mean_nothing(String command) throws Exception {
        Result result = run(ForeignPeers.checkout().resolve("mycelium"), "--home", "/nowhere", command);

        assertThat(result.exit()).isEqualTo(64);
        assertThat(result.output()).contains(command + " is for no node");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mycelium --home",
                "mycelium build --nonsense",
                "scripts/dev",
                "scripts/dev --nonsense",
                "scripts/new Not-A-Name",
                "scripts/demo nonsense",
                "scripts/dist nonsense",
                "scripts/bench nonsense"
            })
    void a_command_line_that_cannot_be_understood_exits_64(String words) throws Exception {
        String[] command = words.split(" ");
        Path script = ForeignPeers.checkout().resolve(command[0]);
        Result result = run(script, Arrays.copyOfRange(command, 1, command.length));

        assertThat(result.exit()).as(result.output()).isEqualTo(64);
        assertThat(result.output()).isNotBlank();
    }

    @Test
    void the_command_line_of_a_node_that_cannot_be_understood_exits_64() throws Exception {
        for (String word : List.of("--nonsense", "--home")) {
            Result result = run(Core.dist().resolve("mycelium"), word);

            assertThat(result.exit()).as(result.output()).isEqualTo(64);
        }
    }

    @Test
    void checkout_and_distribution_tell_the_same_version() throws Exception {
        Result checkout = run(ForeignPeers.checkout().resolve("mycelium"), "--version");
        Result distribution = run(Core.dist().resolve("mycelium"), "--version");

        assertThat(checkout.exit()).isZero();
        assertThat(checkout.output()).matches("mycelium [0-9]+\\.[0-9]+\\.[0-9]+\n");
        assertThat(distribution).isEqualTo(checkout);
    }
}
