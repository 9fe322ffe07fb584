package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who counts as living when components are placed. A member that falls silent does for a while, so that
/// seconds of silence load nothing elsewhere; one that was given up and comes back counts when it has been
/// there for as long, so that it takes its place once. One thread at a time.
final class Steady {
    private final long patienceMillis;
    private final Map<String, Heard> living = new HashMap<>();
    /// Members that were given up, with when they were heard again; [#AWAY] while they are not.
    private final Map<String, Long> givenUp = new HashMap<>();
    private static final long AWAY = -1;

    Steady(long patienceMillis) {
        this.patienceMillis = patienceMillis;
    }

    /// @param heard those who are heard now
    /// @param members peer ids of all who belong to the network: nobody else is remembered
    /// @return those who count as living; of one that is silent what it said last
    List<Heard> look(long nowMillis, List<Heard> heard, Set<String> members) {
        living.keySet().retainAll(members);
        givenUp.keySet().retainAll(members);
        Set<String> present = new HashSet<>();
        for (Heard one : heard) {
            present.add(one.peer());
            if (isBack(one.peer(), nowMillis)) {
                living.put(one.peer(), one);
            }
        }
        givenUp.replaceAll((peer, since) -> present.contains(peer) ? since : AWAY);
        living.values().removeIf(one -> {
            boolean over = !present.contains(one.peer()) && nowMillis - one.atMillis() > patienceMillis;
            if (over) {
                givenUp.put(one.peer(), AWAY);
            }
            return over;
        });
        return new ArrayList<>(living.values());
    }

    private boolean isBack(String peer, long nowMillis) {
        Long since = givenUp.get(peer);
        if (since == null) {
            return true;
        }
        if (since == AWAY) {
            givenUp.put(peer, nowMillis);
            return patienceMillis == 0 && givenUp.remove(peer) != null;
        }
        if (nowMillis - since >= patienceMillis) {
            givenUp.remove(peer);
            return true;
        }
        return false;
    }
}
