package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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

        assertThat(result.exit()).isNotZero();
        assertThat(result.output()).contains(command + " is for no node");
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
