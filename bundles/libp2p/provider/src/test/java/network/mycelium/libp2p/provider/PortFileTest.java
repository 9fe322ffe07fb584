package network.mycelium.libp2p.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import network.mycelium.libp2p.Multiaddr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortFileTest {
    @TempDir
    Path temp;

    @Test
    void ports_are_read_as_they_were_written_and_lines_that_make_no_sense_are_skipped() throws Exception {
        Path path = temp.resolve("ports");
        var file = new PortFile(path);
        assertThat(file.read()).isEmpty();
        Multiaddr any = Multiaddr.parse("/ip4/0.0.0.0/tcp/0");
        file.write(Map.of(any, 4001));
        assertThat(file.read()).isEqualTo(Map.of(any, 4001));
        Files.writeString(path, "/ip4/0.0.0.0/tcp/0 70000\nrubbish\n/ip6/::/tcp/0 -1\n/ip6/::/tcp/0 x\n");
        assertThat(file.read()).isEmpty();
    }
}
