package network.mycelium.identity.core.store;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.core.document.Amendment;
import network.mycelium.identity.core.document.Charter;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.RootList;
import network.mycelium.identity.core.document.Signature;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.document.Statement;
import network.mycelium.identity.core.member.Rotation;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.identity.core.wire.MalformedDocument;
import network.mycelium.identity.core.wire.SigningInput;

/// Judges what is offered, and adds what is worth it. What costs least is looked at first: signatures come last.
final class Intake {
    private final Kept kept;
    private final Verifier verifier;

    Intake(Kept kept, Verifier verifier) {
        this.kept = kept;
        this.verifier = verifier;
    }

    /// @throws MalformedDocument if it is no document
    Outcome offer(Item item, Sender from, long now) {
        return switch (item) {
            case Item.OfCharter(Signed signed) -> charter(signed, from, now);
            case Item.OfStatement(Signed signed) -> statement(signed, from, now);
            case Item.OfRotation(Signed signed) -> rotation(signed, from, now);
            case Item.OfRoot(RootList list) -> list(list);
        };
    }

    private Outcome charter(Signed signed, Sender from, long now) {
        if (Charter.format(signed.document()) != Charter.FORMAT) {
            return ofUnknownFormat(signed, from, now);
        }
        Document<Charter> document = Document.charter(signed.document());
        if (document.content().version() == 0) {
            return new Outcome.Refused("version 0 is part of the genesis document");
        }
        if (document.content().version() >= Limits.CHARTERS) {
            return new Outcome.Refused("a chain has at most %d charters".formatted(Limits.CHARTERS));
        }
        Hash before = document.content().parent().orElseThrow();
        Optional<CharterBook.Entry> parent = kept.charters.find(before).filter(kept.charters::isComplete);
        if (parent.isEmpty()) {
            return new Outcome.NeedsCharter(before);
        }
        Optional<String> objection = Amendment.objection(document, parent.get().document, kept.genesis);
        if (objection.isPresent()) {
            return new Outcome.Refused(objection.get());
        }
        Set<Key> known = kept.charters
                .find(document.hash())
                .map(entry -> entry.signatures.keySet())
                .orElse(Set.of());
        Set<Key> wanted = new HashSet<>(document.content().keyholders());
        wanted.addAll(parent.get().keyholders);
        wanted.removeAll(known);
        boolean ofParent = known.stream().anyMatch(parent.get().keyholders::contains)
                || signed.signatures().stream()
                        .anyMatch(s -> parent.get().keyholders.contains(s.key()));
        if (!ofParent) {
            return new Outcome.Nothing("no keyholder of the charter before signed it");
        }
        Verifier.Verified verified = verifier.verify(SigningInput.CHARTER, document.hash(), signed, wanted, from, now);
        if (verified.pause() > 0) {
            return new Outcome.Wait(verified.pause());
        }
        if (verified.good().isEmpty()) {
            return new Outcome.Nothing("it has no signature that is new here");
        }
        kept.charters.add(document, verified.good());
        boolean moved = kept.settle();
        return kept.charters.find(document.hash()).isPresent()
                ? new Outcome.Kept(moved, moved, document.hash())
                : new Outcome.Nothing("others have its place");
    }

    /// Changes nothing, but that the operators are told.
    private Outcome ofUnknownFormat(Signed signed, Sender from, long now) {
        CharterBook.Entry tip = kept.charters.tip();
        Hash hash = Hash.sha256(signed.document());
        long format = Charter.format(signed.document());
        Set<Key> signers = new HashSet<>(tip.keyholders);
        signers.retainAll(signed.signatures().stream().map(Signature::key).toList());
        if (kept.unknownFormat.isEmpty() && signers.size() >= tip.charter().threshold()) {
            Verifier.Verified verified = verifier.verify(SigningInput.CHARTER, hash, signed, tip.keyholders, from, now);
            if (verified.pause() > 0) {
                return new Outcome.Wait(verified.pause());
            }
            if (verified.good().size() >= tip.charter().threshold()) {
                kept.unknownFormat = Optional.of(new Alarm.UnknownFormat(format, hash));
            }
        }
        return new Outcome.Refused("a charter of format %d, read is %d".formatted(format, Charter.FORMAT));
    }

    private Outcome list(RootList list) {
        Hash root = list.root();
        Set<Hash> ofTip = Set.copyOf(kept.charters.tip().charter().roots());
        boolean named = ofTip.contains(root)
                || kept.charters.others().stream()
                        .anyMatch(entry -> entry.charter().roots().contains(root));
        if (!named) {
            return new Outcome.Nothing("no charter here names this list");
        }
        if (!kept.lists.add(list, ofTip)) {
            return new Outcome.Nothing("it is known, or lists have no more place");
        }
        if (ofTip.contains(root)) {
            kept.rebuild();
        }
        return new Outcome.Kept(false, ofTip.contains(root), root);
    }

    private Outcome statement(Signed signed, Sender from, long now) {
        Document<Statement> document = Document.statement(signed.document());
        Statement statement = document.content();
        if (!statement.network().equals(kept.genesis.hash())) {
            return new Outcome.Refused("it is of another network");
        }
        if (kept.charters.missingPin().isPresent()) {
            return new Outcome.NeedsPinned(kept.charters.missingPin().get());
        }
        Optional<Outcome> tooLate = once(statement, now);
        if (tooLate.isPresent()) {
            return tooLate.get();
        }
        Authority authority = kept.statements.authority();
        boolean rooted = !authority.roots(document.hash()).isEmpty();
        Optional<Entry> known = kept.statements.find(document.hash());
        if (!rooted
                && !authority.isOnPath(statement)
                && authority.missingLists().isEmpty()) {
            return kept.charters.find(statement.charterHash()).isPresent()
                    ? new Outcome.Nothing("the charter that it names does not hold")
                    : new Outcome.NeedsCharter(statement.charterHash());
        }
        Set<Key> wanted = authority.counting(
                statement, signed.signatures().stream().map(Signature::key).toList());
        known.ifPresent(entry -> wanted.removeAll(entry.signatures.keySet()));
        if (wanted.isEmpty() && (!rooted || known.isPresent())) {
            return known.isEmpty() && !authority.missingLists().isEmpty()
                    ? new Outcome.NeedsList(authority.missingLists().getFirst())
                    : new Outcome.Nothing("it is known, or nobody who signed it may say it");
        }
        if (kept.statements.isOutranked(document, wanted)) {
            return new Outcome.Nothing("it is outranked");
        }
        Verifier.Verified verified =
                verifier.verify(SigningInput.STATEMENT, document.hash(), signed, wanted, from, now);
        if (verified.pause() > 0) {
            return new Outcome.Wait(verified.pause());
        }
        if (verified.good().isEmpty() && (!rooted || known.isPresent())) {
            return new Outcome.Nothing("its signatures are not valid");
        }
        boolean changed = kept.add(document, verified.good());
        return kept.statements.find(document.hash()).isPresent()
                ? new Outcome.Kept(false, changed, document.hash())
                : new Outcome.Nothing("it is outranked, or others have its place");
    }

    /// What is said once ends within 30 days, and is not taken again after it was forgotten.
    private Optional<Outcome> once(Statement statement, long now) {
        if (!kept.statements.authority().rule(statement.kind()).once()) {
            return Optional.empty();
        }
        long expires = statement.expires();
        if (expires == 0 || expires > now + Limits.ONCE_LIFETIME) {
            return Optional.of(new Outcome.Refused("what is said once expires within 30 days"));
        }
        return expires < now - Limits.CLOCK_TOLERANCE || expires <= kept.onceForgotten
                ? Optional.of(new Outcome.Nothing("it expired"))
                : Optional.empty();
    }

    private Outcome rotation(Signed signed, Sender from, long now) {
        Rotation rotation = Rotation.parse(signed.document());
        Hash hash = Hash.sha256(signed.document());
        if (!rotation.network().equals(kept.genesis.hash())) {
            return new Outcome.Refused("it is of another network");
        }
        if (kept.charters.missingPin().isPresent()) {
            return new Outcome.NeedsPinned(kept.charters.missingPin().get());
        }
        if (kept.members.find(hash).isPresent()) {
            return new Outcome.Nothing("it is known");
        }
        Optional<Signed> both = MemberBook.ofBoth(rotation, signed);
        if (both.isEmpty()) {
            return new Outcome.Nothing("both keys sign a rotation");
        }
        if (!kept.members.wants(rotation)) {
            return new Outcome.Nothing("it does not follow from a key of a member, or enough is known");
        }
        Verifier.Verified verified = verifier.verify(
                SigningInput.ROTATION, hash, both.get(), Set.of(rotation.old(), rotation.next()), from, now);
        if (verified.pause() > 0) {
            return new Outcome.Wait(verified.pause());
        }
        if (verified.good().size() < 2) {
            return new Outcome.Nothing("its signatures are not valid");
        }
        return kept.members.add(rotation, both.get())
                ? new Outcome.Kept(false, true, hash)
                : new Outcome.Nothing("enough is known of this key");
    }
}
