package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// What a node gives to another, in the order in which it can be taken.
final class Offers {
    private Offers() {}

    /// The charters from a version on, then the lists of the tip.
    static List<Item> path(CharterBook charters, RootLists lists, int from) {
        List<Item> all = new ArrayList<>();
        for (int version = Math.max(1, from); version < charters.path().size(); version++) {
            all.add(new Item.OfCharter(charters.path().get(version).signed()));
        }
        charters.tip()
                .charter()
                .roots()
                .forEach(root -> lists.find(root).map(Item.OfRoot::new).ifPresent(all::add));
        return all;
    }

    /// All beside the path and its lists: by a hash over document and signers.
    static Map<Hash, Item> sets(CharterBook charters, RootLists lists, StatementBook statements, MemberBook members) {
        Map<Hash, Item> all = new LinkedHashMap<>();
        // A charter of the path is there only for signatures beyond those that were known when it was taken.
        charters.path().stream()
                .skip(1)
                .forEach(e -> all.put(digest(e.hash(), e.signatures.keySet()), new Item.OfCharter(e.signed())));
        charters.others()
                .forEach(e -> all.put(digest(e.hash(), e.signatures.keySet()), new Item.OfCharter(e.signed())));
        lists.all().forEach((root, list) -> all.put(digest(root, List.of()), new Item.OfRoot(list)));
        // Certificates before all that is about them.
        statements.all().stream()
                .filter(Entry::isSupported)
                .sorted(Comparator.comparing((Entry e) -> !e.register().kind().equals(Member.KIND))
                        .thenComparing(e -> e.document.hash()))
                .forEach(e ->
                        all.put(digest(e.document.hash(), e.signatures.keySet()), new Item.OfStatement(e.signed())));
        chains(members)
                .forEach(step ->
                        all.put(digest(step.hash(), signers(step.signed())), new Item.OfRotation(step.signed())));
        return all;
    }

    /// Each rotation after the one that leads to its key.
    private static List<MemberBook.Step> chains(MemberBook members) {
        List<MemberBook.Step> ordered = new ArrayList<>();
        members.steps().stream()
                .map(step -> step.rotation().member())
                .distinct()
                .sorted()
                .forEach(id -> ordered.addAll(chain(members.steps(id))));
        return ordered;
    }

    private static List<MemberBook.Step> chain(Collection<MemberBook.Step> steps) {
        List<MemberBook.Step> rest = new ArrayList<>(steps);
        List<MemberBook.Step> ordered = new ArrayList<>();
        while (!rest.isEmpty()) {
            List<MemberBook.Step> next = rest.stream()
                    .filter(step -> rest.stream()
                            .noneMatch(before -> before.rotation()
                                            .next()
                                            .equals(step.rotation().old())
                                    && before.rotation().generation()
                                            == step.rotation().generation()))
                    .sorted(Comparator.comparing(MemberBook.Step::hash))
                    .toList();
            // Two certificates of one generation may have chains that meet in a ring.
            ordered.addAll(next.isEmpty() ? rest : next);
            rest.removeAll(ordered);
        }
        return ordered;
    }

    static List<byte[]> credentials(MemberState state, StatementBook statements, MemberBook members) {
        List<byte[]> all = new ArrayList<>();
        int generation = state.member().generation();
        statements
                .find(state.certificate().document().hash())
                .ifPresent(entry -> all.add(new Item.OfStatement(entry.signed()).toBytes()));
        statements.of(Register.renewal(state.id())).stream()
                .filter(entry -> entry.satisfied
                        && entry.statement().renewal().orElseThrow().generation() == generation)
                .forEach(entry -> all.add(new Item.OfStatement(entry.signed()).toBytes()));
        chain(members.steps(state.id()).stream()
                        .filter(step -> step.rotation().generation() == generation)
                        .toList())
                .forEach(step -> all.add(new Item.OfRotation(step.signed()).toBytes()));
        return all;
    }

    static List<byte[]> within(int limit, Collection<Item> items) {
        List<byte[]> all = new ArrayList<>();
        int size = 0;
        for (Item item : items) {
            byte[] bytes = item.toBytes();
            size += bytes.length;
            if (size > limit && !all.isEmpty()) {
                break;
            }
            all.add(bytes);
        }
        return all;
    }

    private static List<Key> signers(Signed signed) {
        return signed.signatures().stream().map(Signature::key).toList();
    }

    private static Hash digest(Hash document, Collection<Key> signers) {
        byte[][] parts = new byte[1 + signers.size()][];
        parts[0] = document.bytes();
        int i = 1;
        for (Key key : signers.stream().sorted().toList()) {
            parts[i++] = key.point().bytes();
        }
        return Hash.sha256(parts);
    }
}
