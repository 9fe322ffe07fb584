package network.mycelium.identity.provider;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.Statement;
import network.mycelium.identity.core.document.Register;
import network.mycelium.identity.core.member.Member;
import network.mycelium.identity.core.member.Renewal;
import network.mycelium.identity.core.signer.SignerMemory;
import network.mycelium.identity.core.store.Held;
import network.mycelium.identity.core.store.MemberState;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.PeerId;

/// Makes certificates of members: what an operator's node says of who they are. A generation counts the human
/// decisions about that, so each beats what a machine, or a thief, said before. Safe from any thread.
final class Certificates {
    static final Duration LIFE = Duration.ofDays(90);
    /// The end of what is never over.
    private static final Duration FOREVER = Duration.ofDays(100 * 365);

    private final NetworkDocuments documents;
    private final NetworkStatements statements;
    private final SignerFile memory;

    Certificates(NetworkDocuments documents, NetworkStatements statements, SignerFile memory) {
        this.documents = documents;
        this.statements = statements;
        this.memory = memory;
    }

    Optional<MemberState> state(PeerId peer) {
        return documents.view(view -> view.state(peer));
    }

    /// Whom `peer` is: a member by that key, or by one before.
    MemberState known(PeerId peer) throws IdentityException {
        return state(peer)
                .orElseThrow(() -> new IdentityException(
                        Kind.NOT_FOUND, peer + " has no certificate; `network members` shows who has."));
    }

    /// @throws IdentityException DENIED if nobody with this key and name can be admitted
    void checkAdmissible(PeerId peer, String name) throws IdentityException {
        checkFresh(peer, NodeSigner.key(peer));
        checkName(name, peer);
    }

    /// A new member, known by the peer id that it has.
    void admit(PeerId peer, String name, Terms terms) throws IdentityException {
        checkAdmissible(peer, name);
        certify(peer.toString(), terms.certificate(1, NodeSigner.key(peer), name));
    }

    /// Who joins anew shows a new key: one that was replaced or taken back may be a thief's.
    private void checkFresh(PeerId peer, Key key) throws IdentityException {
        boolean ended;
        synchronized (memory) {
            ended = memory.memory().ended().contains(key);
        }
        boolean known = documents.read(
                holding -> holding.holds(Register.member(peer.toString())).isPresent());
        if (ended || known || state(peer).isPresent()) {
            throw new IdentityException(
                    Kind.DENIED,
                    "The key of %s was replaced or revoked in this network, or is a member's: join with another key,"
                                    .formatted(peer)
                            + " or ask an operator for `network readmit`");
        }
    }

    private void checkName(String name, PeerId peer) throws IdentityException {
        Optional<String> objection = MemberNames.objection(name);
        if (objection.isPresent()) {
            throw new IdentityException(Kind.DENIED, objection.get());
        }
        List<network.mycelium.identity.Member> all = documents.view(MemberView::all);
        if (MemberNames.isTaken(name, peer, all)) {
            throw new IdentityException(
                    Kind.DENIED, "The name %s is another member's; join with another --name".formatted(name));
        }
    }

    private Statement certify(String id, Member member) throws IdentityException {
        return statements.publish(Register.member(id), member.toBytes(), member.revoked() ? FOREVER : LIFE, "");
    }

    /// Takes a membership back.
    void revoke(PeerId peer) throws IdentityException {
        MemberState state = known(peer);
        Member before = state.member();
        remember(keys(state));
        // What it was stays in it, for who readmits it.
        certify(
                state.id(),
                new Member(
                        before.generation(),
                        true,
                        Optional.empty(),
                        before.name(),
                        before.access(),
                        before.roles(),
                        before.labels()));
    }

    /// A member that lost its key, or whose key two claim to have followed: from now on it has this one.
    Statement recover(PeerId lost, PeerId next) throws IdentityException {
        return follow(known(lost), freshFor(next));
    }

    /// As [#recover], for an operator whose next key the charter has named.
    Statement follow(PeerId lost, PeerId next) throws IdentityException {
        return follow(known(lost), NodeSigner.key(next));
    }

    private Statement follow(MemberState state, Key key) throws IdentityException {
        Set<Key> old = keys(state);
        Statement said = certify(
                state.id(),
                Terms.of(state.member())
                        .certificate(
                                state.member().generation() + 1,
                                key,
                                state.member().name()));
        old.remove(key);
        remember(old);
        return said;
    }

    /// A member whose key followed another: a human says that it is the right one, and the keys before end for good.
    Statement confirm(PeerId peer) throws IdentityException {
        MemberState state = known(peer);
        Key key = state.key()
                .orElseThrow(() -> new IdentityException(
                        Kind.STATE,
                        "Two keys claim to follow one of %s: say which is right with `network recover %s PEER`."
                                .formatted(state.member().name(), state.member().name())));
        return follow(state, key);
    }

    /// A member that was revoked is one again, with another key.
    Statement readmit(PeerId id, PeerId next) throws IdentityException {
        Member before = documents
                .read(holding -> holding.holds(Register.member(id.toString())).map(Held::statement))
                .flatMap(network.mycelium.identity.core.document.Statement::member)
                .filter(Member::revoked)
                .orElseThrow(() -> new IdentityException(
                        Kind.NOT_FOUND, "%s is nobody whose membership was taken back.".formatted(id)));
        Key key = freshFor(next);
        String name = before.name().isEmpty() ? "member-" + id.brief() : before.name();
        checkName(name, next);
        return certify(id.toString(), Terms.of(before).certificate(before.generation() + 1, key, name));
    }

    private Key freshFor(PeerId next) throws IdentityException {
        Key key = NodeSigner.key(next);
        checkFresh(next, key);
        if (documents.read(holding -> holding.isOperator(key))) {
            throw new IdentityException(Kind.DENIED, "%s is an operator's key.".formatted(next));
        }
        return key;
    }

    private static Set<Key> keys(MemberState state) {
        Set<Key> keys = new HashSet<>(state.formerKeys());
        state.key().ifPresent(keys::add);
        state.member().firstKey().ifPresent(keys::add);
        return keys;
    }

    /// For longer: 90 days from now.
    void renew(MemberState state, long now) throws IdentityException {
        var renewal = new Renewal(state.member().generation(), now + LIFE.toMillis());
        statements.publish(Register.renewal(state.id()), renewal.toBytes(), LIFE, "");
    }

    /// Keys that ended: none of them is admitted again. The oldest are forgotten at the bound.
    void remember(Set<Key> keys) throws IdentityException {
        synchronized (memory) {
            SignerMemory before = memory.memory();
            if (before.ended().containsAll(keys)) {
                return;
            }
            try {
                memory.set(before.ended(keys));
            } catch (IOException e) {
                throw new IdentityException(
                        Kind.STORAGE, "It cannot be kept which keys ended: %s".formatted(e.getMessage()), e);
            }
        }
    }

    /// Looks for keys that members replaced by themselves.
    void rememberReplaced() throws IdentityException {
        Set<Key> replaced = new HashSet<>();
        documents.read(holding -> {
            holding.members().forEach(member -> replaced.addAll(member.formerKeys()));
            return null;
        });
        remember(replaced);
    }
}
