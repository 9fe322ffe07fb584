package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// Which registers count where there are more than may be: for each owner those with the lowest hashes. So it does not
/// matter which came first.
final class Quotas {
    /// A share of the registers.
    sealed interface Owner {
        /// One operator's registers of one class of kinds that take one signature.
        record OfOperator(Key operator, String kinds) implements Owner {}

        /// All registers of the kinds that take more.
        record Shared() implements Owner {}
    }

    private static final String ALL_OTHERS = "all others";

    private final Map<Owner, TreeMap<Hash, Register>> registers = new HashMap<>();

    static Owner of(Key operator, String kind) {
        boolean own = kind.equals(Member.KIND) || kind.equals(Renewal.KIND);
        return new Owner.OfOperator(operator, own ? kind : ALL_OTHERS);
    }

    static int limit(Owner owner) {
        return switch (owner) {
            case Owner.Shared() -> Limits.SHARED_REGISTERS;
            case Owner.OfOperator(Key k, String kinds) -> kinds.equals(ALL_OTHERS) ? Limits.OTHERS : Limits.MEMBERS;
        };
    }

    /// Makes the register one of exactly these owners'.
    ///
    /// @return other registers that may count now and did not, or the other way round
    Collection<Register> assign(Register register, Hash hash, Collection<Owner> before, Collection<Owner> after) {
        List<Register> touched = new ArrayList<>();
        for (Owner owner : before) {
            if (!after.contains(owner)) {
                TreeMap<Hash, Register> mine = registers.get(owner);
                mine.remove(hash);
                nth(mine, limit(owner)).ifPresent(touched::add);
            }
        }
        for (Owner owner : after) {
            TreeMap<Hash, Register> mine = registers.computeIfAbsent(owner, o -> new TreeMap<>());
            if (mine.put(hash, register) == null) {
                nth(mine, limit(owner) + 1).ifPresent(touched::add);
            }
        }
        return touched;
    }

    /// The register in the nth place, if there are as many. Few are ever beyond a limit: proposals are bounded.
    private static java.util.Optional<Register> nth(NavigableMap<Hash, Register> registers, int n) {
        int back = registers.size() - n;
        if (back < 0) {
            return java.util.Optional.empty();
        }
        Hash at = registers.lastKey();
        for (int i = 0; i < back; i++) {
            at = registers.lowerKey(at);
        }
        return java.util.Optional.of(registers.get(at));
    }

    boolean counts(Owner owner, Hash hash) {
        TreeMap<Hash, Register> mine = registers.get(owner);
        if (mine == null || !mine.containsKey(hash)) {
            return false;
        }
        return mine.size() <= limit(owner) || mine.headMap(hash).size() < limit(owner);
    }

    int used(Owner owner) {
        TreeMap<Hash, Register> mine = registers.get(owner);
        return mine == null ? 0 : mine.size();
    }

    /// Owners with nine tenths used.
    List<Alarm> alarms() {
        List<Alarm> alarms = new ArrayList<>();
        registers.forEach((owner, mine) -> {
            if (owner instanceof Owner.OfOperator(Key operator, String kinds)
                    && mine.size() * 10L >= limit(owner) * 9L) {
                alarms.add(new Alarm.Quota(operator, kinds, mine.size(), limit(owner)));
            }
        });
        return alarms;
    }
}
