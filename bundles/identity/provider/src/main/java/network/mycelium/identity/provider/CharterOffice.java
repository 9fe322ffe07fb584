package network.mycelium.identity.provider;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.mycelium.identity.Charters;
import network.mycelium.identity.IdentityException;
import network.mycelium.identity.IdentityException.Kind;
import network.mycelium.identity.core.document.Document;
import network.mycelium.identity.core.document.Item;
import network.mycelium.identity.core.document.Signed;
import network.mycelium.identity.core.store.Alarm;
import network.mycelium.identity.core.store.Holding;
import network.mycelium.identity.core.store.Limits;
import network.mycelium.identity.core.store.Outcome;
import network.mycelium.identity.core.store.Pin;
import network.mycelium.identity.core.store.Preview;
import network.mycelium.identity.core.wire.Hash;
import network.mycelium.identity.core.wire.Key;
import network.mycelium.libp2p.PeerId;

/// Charters as this node shows, proposes and signs them. Safe from any thread.
final class CharterOffice implements Charters {
    private static final Logger LOG = System.getLogger(CharterOffice.class.getName());
    /// At the bound the oldest is forgotten; `network revoke` does what it would have done.
    private static final int MAX_LEAVING = 64;
    private static final int BRIEF = 12;

    private final NetworkDocuments documents;
    private final CharterSigning signing;
    private final Certificates certificates;
    private final InstantSource clock;
    private final AuditLog audit;
    /// Charters by which somebody leaves, until they hold: a proposal alone takes nothing from anybody. Guarded by
    /// itself.
    private final Map<Hash, Change> leaving = new LinkedHashMap<>();

    CharterOffice(
            NetworkDocuments documents,
            CharterSigning signing,
            Certificates certificates,
            InstantSource clock,
            AuditLog audit) {
        this.documents = documents;
        this.certificates = certificates;
        this.signing = signing;
        this.clock = clock;
        this.audit = audit;
        documents.announcements().watch(this::endCertificates);
    }

    @Override
    public Effect preview(Change change) throws IdentityException {
        return effect(signing.preview(change));
    }

    @Override
    public Effect preview(String hash) throws IdentityException {
        var charter = proposal(hash).content();
        return effect(signing.preview(charter, signing.lists(charter)));
    }

    private static Effect effect(Preview preview) {
        return new Effect(
                preview.falls().stream().map(MemberView::statement).toList(),
                preview.comesBack().stream().map(MemberView::statement).toList(),
                preview.mayBeLost());
    }

    @Override
    public Proposal propose(Change change, List<String> codes) throws IdentityException {
        CharterSigning.Draft draft = signing.draft(change, codes);
        Proposal proposal = say(draft, codes);
        if (proposal.missing() == 0) {
            endCertificate(change);
        } else {
            synchronized (leaving) {
                leaving.put(draft.charter().hash(), change);
                if (leaving.size() > MAX_LEAVING) {
                    leaving.remove(leaving.keySet().iterator().next());
                }
            }
            endCertificates();
        }
        return proposal;
    }

    private void endCertificates() {
        List<Hash> path = documents.path();
        List<Change> now = new ArrayList<>();
        synchronized (leaving) {
            leaving.forEach((charter, change) -> {
                if (path.contains(charter)) {
                    now.add(change);
                }
            });
            leaving.values().removeAll(now);
        }
        for (Change change : now) {
            try {
                endCertificate(change);
            } catch (IdentityException e) {
                LOG.log(Level.WARNING, "who is no operator any more has a certificate still: {0}", e.getMessage());
            }
        }
    }

    /// Whoever was an operator may be an ordinary member, too, by a certificate that outlives the office.
    private void endCertificate(Change change) throws IdentityException {
        switch (change) {
            case Change.Remove(PeerId peer, var _, boolean stays) when !stays -> endCertificate(peer, Optional.empty());
            case Change.Replace(PeerId peer, PeerId next, var _) -> endCertificate(peer, Optional.of(next));
            default -> {}
        }
    }

    private void endCertificate(PeerId peer, Optional<PeerId> next) throws IdentityException {
        if (certificates.state(peer).isEmpty()) {
            return;
        }
        if (next.isPresent()) {
            certificates.follow(peer, next.get());
        } else {
            certificates.revoke(peer);
        }
        audit.append(clock.instant(), next.isPresent() ? "recover" : "revoke", peer.toString());
    }

    private Proposal say(CharterSigning.Draft draft, List<String> codes) throws IdentityException {
        Outcome outcome = signing.say(draft, codes);
        Proposal proposal = state(draft.charter().hash())
                .orElseThrow(() ->
                        new IdentityException(Kind.DENIED, "The charter is not kept here: %s.".formatted(outcome)));
        audit.append(
                clock.instant(),
                "charter",
                "version %d, %s: %s"
                        .formatted(
                                proposal.charter().version(),
                                proposal.charter().hash(),
                                proposal.missing() == 0 ? "holds" : proposal.missing() + " signatures are missing"));
        return proposal;
    }

    private Optional<Proposal> state(Hash hash) {
        return documents.read(holding -> holding.path().stream()
                .filter(charter -> charter.hash().equals(hash))
                .map(charter -> new Proposal(shown(charter), List.of(), 0))
                .findFirst()
                .or(() -> holding.charterProposals().stream()
                        .filter(p -> p.charter().hash().equals(hash))
                        .map(CharterOffice::shown)
                        .findFirst()));
    }

    @Override
    public Proposal sign(String hash, List<String> codes) throws IdentityException {
        return say(new CharterSigning.Draft(proposal(hash), List.of()), codes);
    }

    private Document<network.mycelium.identity.core.document.Charter> proposal(String hash) throws IdentityException {
        List<Document<network.mycelium.identity.core.document.Charter>> all = new ArrayList<>();
        documents.read(holding -> {
            holding.charterProposals().forEach(p -> all.add(p.charter()));
            all.addAll(holding.path().subList(1, holding.path().size()));
            return null;
        });
        return CharterSigning.one(all, hash);
    }

    @Override
    public void pin(String hash) throws IdentityException {
        List<Document<network.mycelium.identity.core.document.Charter>> all = new ArrayList<>();
        documents.read(holding -> {
            all.addAll(holding.path());
            all.addAll(holding.rivals());
            return null;
        });
        Document<network.mycelium.identity.core.document.Charter> charter = CharterSigning.one(all, hash);
        try {
            documents.pin(new Pin(charter.content().version(), charter.hash()));
        } catch (IOException e) {
            throw new IdentityException(Kind.STORAGE, "The pin cannot be kept: %s".formatted(e.getMessage()), e);
        }
        audit.append(clock.instant(), "pin", charter.hash().toString());
    }

    @Override
    public List<String> undoes(String hash) throws IdentityException {
        return signing.undoes(proposal(hash)).stream()
                .map(Hash::toString)
                .sorted()
                .toList();
    }

    @Override
    public boolean checkCode(String code) throws IdentityException {
        Key key = RecoveryKey.of(code).key();
        boolean known = documents.read(holding -> holding.charter().recovery().contains(key));
        if (known) {
            try {
                documents.codeChecked(clock.instant());
            } catch (IOException e) {
                throw new IdentityException(
                        Kind.STORAGE, "It cannot be kept that a code was shown: %s".formatted(e.getMessage()), e);
            }
        }
        return known;
    }

    @Override
    public Instant codeChecked() {
        return documents.codeChecked();
    }

    @Override
    public List<RecoveryCode> newCodes(int number) {
        return Stream.generate(RecoveryKey::fresh).limit(number).toList();
    }

    @Override
    public byte[] export(String hash) throws IdentityException {
        Document<network.mycelium.identity.core.document.Charter> charter = proposal(hash);
        List<byte[]> items = new ArrayList<>();
        documents.store(store -> store.item(charter.hash())).ifPresent(items::add);
        signing.lists(charter.content()).forEach(list -> items.add(new Item.OfRoot(list).toBytes()));
        return Exported.file(items);
    }

    @Override
    public Proposal take(byte[] exported) throws IdentityException {
        Hash charter = null;
        for (Item item : documents.takeExported(exported)) {
            if (item instanceof Item.OfCharter(Signed signed)) {
                charter = Hash.sha256(signed.document());
            }
        }
        if (charter == null) {
            throw new IdentityException(
                    Kind.INVALID, "There is no charter in it; `network proposals import` takes statements.");
        }
        return state(charter)
                .orElseThrow(() -> new IdentityException(
                        Kind.INVALID, "The exported charter does not follow the one that holds here."));
    }

    @Override
    public Charter present() {
        return documents.read(holding -> shown(holding.tip()));
    }

    @Override
    public List<Charter> path() {
        return documents.read(
                holding -> holding.path().stream().map(CharterOffice::shown).toList());
    }

    @Override
    public List<Charter> rivals() {
        return documents.read(
                holding -> holding.rivals().stream().map(CharterOffice::shown).toList());
    }

    @Override
    public List<Proposal> proposals() {
        return documents.read(holding ->
                holding.charterProposals().stream().map(CharterOffice::shown).toList());
    }

    @Override
    public List<String> alarms() {
        return documents.read(
                holding -> holding.alarms().stream().map(CharterOffice::text).toList());
    }

    /// What is wrong, and what ends it.
    static String text(Alarm alarm) {
        return switch (alarm) {
            case Alarm.Fork(int version, Hash holds, List<Hash> rivals, Set<Key> both) ->
                "Fork: of the charters of version %d that have enough signatures %s holds and %s lost; %s signed more than one. `network charter rebase` proposes the lost one again, `network charter pin %s` ends this alarm"
                        .formatted(
                                version,
                                brief(holds),
                                rivals.stream().map(CharterOffice::brief).collect(Collectors.joining(", ")),
                                both.isEmpty()
                                        ? "nobody"
                                        : both.stream()
                                                .sorted()
                                                .map(key -> NodeSigner.peer(key).toString())
                                                .collect(Collectors.joining(", ")),
                                brief(holds));
            case Alarm.Locked(String member, Key key) ->
                "Locked: two keys claim to follow %s of the member %s. `network recover` says which is right"
                        .formatted(NodeSigner.peer(key), member);
            case Alarm.UnknownFormat(long format, Hash charter) ->
                "The operators signed %s, a charter of format %d that this version does not read. Update this node"
                        .formatted(brief(charter), format);
            case Alarm.LongChain(int charters) ->
                "There are %d charters, of %d at most. Found another network before that"
                        .formatted(charters, Limits.CHARTERS);
            case Alarm.Quota(Key operator, String kind, int used, int of) ->
                "%s has said %d of %d statements of %s. `network charter close` makes room"
                        .formatted(NodeSigner.peer(operator), used, of, kind);
        };
    }

    private static String brief(Hash hash) {
        return hash.toString().substring(0, BRIEF);
    }

    private static Proposal shown(Holding.CharterProposal p) {
        return new Proposal(
                shown(p.charter()),
                p.signers().stream().sorted().map(NodeSigner::peer).toList(),
                Math.max(p.missingOfParent(), p.missingOfOwn()));
    }

    static Charter shown(Document<network.mycelium.identity.core.document.Charter> document) {
        var c = document.content();
        return new Charter(
                c.version(),
                document.hash().toString(),
                c.attempt(),
                Instant.ofEpochMilli(c.made()),
                c.operators().stream()
                        .map(o -> new Operator(o.name(), NodeSigner.peer(o.key()), o.since()))
                        .toList(),
                c.recovery().stream().map(NodeSigner::peer).toList(),
                c.threshold(),
                c.rules().stream()
                        .map(r -> new Rule(r.kind(), r.operators(), r.once()))
                        .toList(),
                c.validators().stream().map(NodeSigner::peer).toList(),
                c.roots().stream().map(Hash::toString).toList(),
                c.floor());
    }
}
