package network.mycelium.repository.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CopiesTest {
    private static List<String> members(int count) {
        return new ArrayList<>(
                IntStream.range(0, count).mapToObj(i -> "member" + i).toList());
    }

    @Test
    void a_copy_is_left_whichever_third_of_the_members_vanishes() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            List<String> members = members(random.nextInt(1, 60));
            List<String> keepers = Copies.keepers("bundle" + round, members);
            Collections.shuffle(members, random);
            Set<String> left = new HashSet<>(members.subList(members.size() / 3, members.size()));
            assertThat(keepers).as("seed %d", seed).anyMatch(left::contains);
        }
    }

    @Test
    void the_share_of_each_is_about_a_third_and_hardly_moves_when_one_goes() {
        List<String> members = members(30);
        int mine = 0;
        int moved = 0;
        for (int bundle = 0; bundle < 1000; bundle++) {
            List<String> before = Copies.keepers("bundle" + bundle, members);
            mine += before.contains("member3") ? 1 : 0;
            Set<String> after = new HashSet<>(Copies.keepers("bundle" + bundle, members.subList(1, 30)));
            after.removeAll(before);
            moved += after.size();
        }
        assertThat(mine).isBetween(300, 440);
        // Only what the one that went had kept needs a new place.
        assertThat(moved).isLessThan(440);
    }
}
