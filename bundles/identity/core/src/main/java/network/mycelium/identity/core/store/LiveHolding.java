package network.mycelium.identity.core.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;

/// Looks into the books.
record LiveHolding(Kept kept) implements Holding {
    private boolean judges() {
        return missingPin().isEmpty();
    }

    @Override
    public Hash network() {
        return kept.genesis.hash();
    }

    @Override
    public List<Document<Charter>> path() {
        return kept.charters.path().stream().map(entry -> entry.document).toList();
    }

    @Override
    public Document<Charter> tip() {
        return kept.charters.tip().document;
    }

    @Override
    public Optional<Pin> missingPin() {
        return kept.charters.missingPin();
    }

    @Override
    public List<Hash> missingLists() {
        return judges() ? kept.statements.authority().missingLists() : List.of();
    }

    @Override
    public Optional<Held> holds(Register register) {
        return judges() ? kept.statements.holder(register).map(Entry::held) : Optional.empty();
    }

    @Override
    public List<Held> all(String kind) {
        return all().stream()
                .filter(held -> held.statement().kind().equals(kind))
                .toList();
    }

    @Override
    public List<Held> all() {
        return judges() ? kept.statements.holders().stream().map(Entry::held).toList() : List.of();
    }

    @Override
    public List<MemberState> members() {
        return judges() ? List.copyOf(kept.members.members()) : List.of();
    }

    @Override
    public Optional<MemberState> member(String id) {
        return judges() ? kept.members.member(id) : Optional.empty();
    }

    @Override
    public Optional<Who> whose(Key key) {
        if (!judges()) {
            return Optional.empty();
        }
        Optional<Who> operator = charter().operator(key).map(Who.IsOperator::new);
        return operator.or(() -> kept.members.whose(key).map(Who.IsMember::new));
    }

    @Override
    public List<Held> proposals() {
        return judges() ? kept.statements.proposals().stream().map(Entry::held).toList() : List.of();
    }

    @Override
    public List<CharterProposal> charterProposals() {
        CharterBook.Entry tip = kept.charters.tip();
        List<CharterProposal> all = new ArrayList<>();
        for (CharterBook.Entry entry : kept.charters.proposals()) {
            int ofParent = tip.charter().threshold() - entry.signedBy(tip.keyholders);
            int ofOwn = entry.charter().threshold() - entry.signedBy(entry.keyholders);
            all.add(new CharterProposal(
                    entry.document, List.copyOf(entry.signatures.keySet()), Math.max(0, ofParent), Math.max(0, ofOwn)));
        }
        return all;
    }

    @Override
    public List<Document<Charter>> rivals() {
        return kept.charters.others().stream()
                .filter(kept.charters::isComplete)
                .map(entry -> entry.document)
                .toList();
    }

    @Override
    public List<Alarm> alarms() {
        List<Alarm> alarms = new ArrayList<>(kept.charters.forks());
        kept.unknownFormat.ifPresent(alarms::add);
        int length = kept.charters.path().size();
        if (length >= Limits.CHARTERS_WARNING) {
            alarms.add(new Alarm.LongChain(length));
        }
        if (judges()) {
            alarms.addAll(kept.members.alarms());
            alarms.addAll(kept.statements.alarms());
        }
        return alarms;
    }
}
