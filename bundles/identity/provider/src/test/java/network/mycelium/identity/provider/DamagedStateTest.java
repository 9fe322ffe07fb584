package network.mycelium.identity.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.IdentityException;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A bad disk: each file of `state/network`, in each way, on a founder that nobody else helps.
@Timeout(120)
class DamagedStateTest extends TestNodes {
    private static final List<String> FILES = List.of(
            "documents",
            "own",
            "charter",
            "signer",
            "fallen",
            "tickets",
            "issuer",
            "rotation",
            "heard",
            "runs",
            "audit-heads",
            "audit.log");
    private static final int FLIPS = 8;

    private TestNode founder;

    private Path file(String name) {
        return founder.folder.resolve(name);
    }

    /// A network with something in each file.
    private void fill() throws Exception {
        founder = founder();
        TestNode member = joined(founder, "member", Access.STANDARD);
        founder.statements.publish("directive", "x", "body".getBytes(UTF_8), Duration.ofDays(1));
        var holds = founder.charters.propose(new Change.Decide("task", 1, null), List.of(codes.getFirst()));
        founder.charters.pin(holds.charter().hash());
        await().until(() -> member.charters.present().version() == 1);
        founder.identity.revoke(member.swarm.id());
        founder.invite(3);
        member.close();
        nodes.remove(member);
        founder.identity.deactivate();
        for (String name : FILES) {
            if (!Files.exists(file(name))) {
                Files.writeString(file(name), "a line of something else\n");
            }
        }
    }

    private static Map<String, byte[]> damages(byte[] whole, Random random) {
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("empty", new byte[0]);
        all.put("half", Arrays.copyOf(whole, whole.length / 2));
        byte[] ones = new byte[Math.max(1, whole.length)];
        Arrays.fill(ones, (byte) 0xff);
        all.put("ones", ones);
        byte[] chance = new byte[whole.length + 10];
        random.nextBytes(chance);
        all.put("chance", chance);
        for (int i = 0; i < FLIPS && whole.length > 0; i++) {
            int at = random.nextInt(whole.length);
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            all.put("flipped at " + at, flipped);
        }
        return all;
    }

    @Test
    void whatever_becomes_of_one_file_the_node_takes_its_place_and_what_it_said_holds() throws Exception {
        fill();
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("-Dseed=" + seed);
        var random = new Random(seed);
        Map<String, byte[]> whole = new LinkedHashMap<>();
        for (String name : FILES) {
            whole.put(name, Files.readAllBytes(file(name)));
        }
        for (String name : FILES) {
            for (var damage : damages(whole.get(name), random).entrySet()) {
                for (var each : whole.entrySet()) {
                    Files.write(file(each.getKey()), each.getValue());
                }
                Files.write(file(name), damage.getValue());
                assertTakesItsPlace("%s, %s, -Dseed=%d".formatted(name, damage.getKey(), seed));
            }
        }
    }

    @Test
    void records_that_are_none_are_left_out() throws Exception {
        fill();
        for (String name : List.of("documents", "own")) {
            new DocumentFile(file(name), 100).append(List.of(new byte[] {1}, new byte[] {(byte) 0xff}, new byte[0]));
        }
        assertTakesItsPlace("records of other things");
    }

    @Test
    void without_its_documents_a_founder_still_knows_what_it_said() throws Exception {
        fill();
        Files.delete(file("documents"));
        assertTakesItsPlace("no documents");
    }

    @Test
    void a_network_whose_genesis_is_damaged_is_not_taken_for_none() throws Exception {
        fill();
        Files.writeString(file("genesis"), "damaged");
        assertThatThrownBy(founder::boot).isInstanceOf(IOException.class).hasMessageContaining("genesis");
        assertThatThrownBy(() -> founder.identity.init("other", true))
                .isInstanceOf(IdentityException.class)
                .hasMessageContaining("network leave");
        assertThat(file("own")).exists();
    }

    @Test
    void what_is_left_of_a_join_that_was_cut_short_is_no_part_of_the_next_network() throws Exception {
        fill();
        Files.delete(file("genesis"));
        founder.boot();
        founder.identity.init("other", true);
        assertThat(founder.identity.members()).hasSize(1);
        assertThat(founder.statements.of("directive")).isEmpty();
        founder.statements.publish("directive", "y", "body".getBytes(UTF_8), Duration.ofDays(1));
        assertThat(founder.statements.find("directive", "y")).isPresent();
    }

    private void assertTakesItsPlace(String what) throws IOException {
        try {
            founder.boot();
            assertThat(founder.identity.members())
                    .as(what)
                    .anyMatch(m -> m.access() == Access.FULL && m.peer().equals(founder.swarm.id()))
                    .anyMatch(m -> m.revoked() && m.name().equals("member"));
            assertThat(founder.charters.present().version()).as(what).isEqualTo(1);
            assertThat(founder.statements.find("directive", "x")).as(what).isPresent();
        } catch (IOException | RuntimeException e) {
            throw new AssertionError(what, e);
        } finally {
            founder.identity.deactivate();
        }
    }
}
