package network.mycelium.libp2p.core.gossip;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.Topic.Verdict;
import network.mycelium.libp2p.core.gossip.Rpc.Have;
import network.mycelium.libp2p.core.gossip.Rpc.Prune;
import network.mycelium.libp2p.core.gossip.Rpc.Subscription;
import network.mycelium.libp2p.core.gossip.Rpc.Suggested;

/// gossipsub v1.1 and v1.2 as a state machine: calls come in, RPCs and messages go out by [Output]. It has no thread,
/// clock or chance of its own, so the same calls give the same run.
///
/// Threading: one call at a time.
public final class GossipRouter {
    private static final int MAX_SEEN = 200_000;
    private static final int MAX_SEEN_BYTES = 16 << 20;

    /// What the router asks for.
    public interface Output {
        /// Sends to a peer, without waiting.
        void send(PeerId peer, Rpc rpc);

        /// Whether the author signed it.
        boolean verify(GossipMessage message);

        /// Asks the application what it says of a message; [GossipRouter#checked] is told the answer, at once or later.
        void check(GossipMessage message, PeerId via);

        /// Gives a valid message of a topic that is followed to the application.
        void deliver(GossipMessage message, PeerId via);

        /// What a peer signed of where it can be reached, if it is known.
        Optional<byte[]> signedRecord(PeerId peer);

        /// Connects to those that can be reached, without waiting; what they are said to have signed is not verified.
        void meet(List<Suggested> others);
    }

    private final PeerId self;
    private final byte[] selfBytes;
    private final GossipConfig config;
    private final RandomGenerator random;
    private final Output output;
    private final PeerScores scores;
    private final Mesh mesh;
    private final ExpiringSet seen;
    private final LazyGossip lazy;
    private final Map<PeerId, RemotePeer> peers = new LinkedHashMap<>();
    private final Fanouts fanouts;
    private final Map<String, TopicCounts> counts = new HashMap<>();
    private final Map<PeerId, Rpc> pending = new LinkedHashMap<>();
    private long tick;

    public GossipRouter(PeerId self, GossipConfig config, ScoreConfig scoring, RandomGenerator random, Output output) {
        this.self = self;
        this.selfBytes = self.bytes();
        this.config = config;
        this.random = random;
        this.output = output;
        this.scores = new PeerScores(scoring, config.heartbeat().toMillis() / 1000.0);
        this.mesh = new Mesh(config, random, scores);
        this.seen = new ExpiringSet(config.seenTtl().toMillis(), MAX_SEEN, MAX_SEEN_BYTES);
        this.lazy = new LazyGossip(config, random);
        this.fanouts = new Fanouts(config, this::isFitFor, this::candidates);
    }

    // Peers.

    /// A peer can be sent to.
    ///
    /// @param knowsDontWant whether it speaks v1.2
    /// @param outbound whether this side dialled
    public void connected(PeerId peer, boolean knowsDontWant, boolean outbound, String ip) {
        peers.put(peer, new RemotePeer(config, knowsDontWant, outbound));
        scores.connected(peer, ip);
        Rpc hello = Rpc.empty();
        mesh.topics().forEach(topic -> hello.subscriptions().add(new Subscription(true, topic)));
        if (!hello.isEmpty()) {
            output.send(peer, hello);
        }
    }

    public void disconnected(PeerId peer, long now) {
        if (peers.remove(peer) != null) {
            scores.disconnected(peer, now);
            mesh.disconnected(peer);
            pending.remove(peer);
            fanouts.disconnected(peer);
        }
    }

    public Map<PeerId, Double> scores() {
        return scores.all();
    }

    /// Peers known to follow a topic.
    public Set<PeerId> followers(String topic) {
        Set<PeerId> following = new HashSet<>();
        peers.forEach((id, peer) -> {
            if (peer.follows(topic)) {
                following.add(id);
            }
        });
        return following;
    }

    public Set<PeerId> mesh(String topic) {
        return Set.copyOf(mesh.of(topic));
    }

    public TopicCounts counts(String topic) {
        return counts.computeIfAbsent(topic, t -> new TopicCounts());
    }

    /// Whether a message came already.
    public boolean hasSeen(String id) {
        return seen.contains(id);
    }

    // Topics.

    public void join(String topic, long now) {
        if (mesh.follows(topic)) {
            return;
        }
        mesh.join(topic);
        announce(new Subscription(true, topic));
        Set<PeerId> sentTo = fanouts.remove(topic);
        List<PeerId> candidates = candidates(topic, now);
        candidates.sort(java.util.Comparator.comparing(p -> !sentTo.contains(p)));
        candidates.stream().limit(config.d()).forEach(peer -> graft(topic, peer, now));
        flush();
    }

    public void leave(String topic, long now) {
        if (!mesh.follows(topic)) {
            return;
        }
        for (PeerId peer : Set.copyOf(mesh.of(topic))) {
            mesh.remove(topic, peer);
            pruneWith(
                    topic,
                    peer,
                    others(topic, peer),
                    config.unsubscribeBackoff().toMillis(),
                    now);
        }
        mesh.leave(topic);
        counts.remove(topic);
        announce(new Subscription(false, topic));
        flush();
    }

    private void announce(Subscription subscription) {
        peers.keySet().forEach(peer -> pending(peer).subscriptions().add(subscription));
    }

    /// In random order, those that could be grafted.
    private List<PeerId> candidates(String topic, long now) {
        List<PeerId> found = new ArrayList<>();
        Set<PeerId> in = mesh.of(topic);
        peers.forEach((id, peer) -> {
            if (peer.follows(topic) && !in.contains(id) && !mesh.waits(topic, id, now) && scores.score(id) >= 0) {
                found.add(id);
            }
        });
        Collections.shuffle(found, java.util.Random.from(random));
        return found;
    }

    private void graft(String topic, PeerId peer, long now) {
        if (mesh.add(topic, peer, now)) {
            pending(peer).graft().add(topic);
        }
    }

    private void pruneWith(String topic, PeerId peer, List<Suggested> others, long backoffMillis, long now) {
        mesh.backOff(topic, peer, now + backoffMillis);
        pending(peer).prune().add(new Prune(topic, others, backoffMillis / 1000));
    }

    /// Whom a peer without fault may turn to instead of this node.
    private List<Suggested> others(String topic, PeerId peer) {
        if (scores.score(peer) < 0 || config.prunePeers() == 0) {
            return List.of();
        }
        List<Suggested> others = new ArrayList<>();
        for (PeerId id : shuffledFollowers(topic, id -> !id.equals(peer) && scores.score(id) >= 0)) {
            if (others.size() == config.prunePeers()) {
                break;
            }
            output.signedRecord(id).ifPresent(signed -> others.add(new Suggested(id.bytes(), signed)));
        }
        return others;
    }

    // Messages.

    /// Sends an own message, that is signed already.
    ///
    /// @return to how many peers
    public int publish(GossipMessage message, long now) {
        String id = message.id();
        seen.add(id, now);
        lazy.keep(id, message);
        Rpc rpc = Rpc.of(message);
        Set<PeerId> to = recipients(message.topic(), now);
        to.forEach(peer -> output.send(peer, rpc));
        return to.size();
    }

    private Set<PeerId> recipients(String topic, long now) {
        if (config.floodPublish()) {
            Set<PeerId> all = followers(topic);
            all.removeIf(p -> scores.score(p) < scores.config().publish());
            return all;
        }
        if (mesh.follows(topic) && !mesh.of(topic).isEmpty()) {
            return mesh.of(topic);
        }
        return fanouts.published(topic, now);
    }

    private boolean isFitFor(String topic, PeerId peer) {
        return peers.containsKey(peer)
                && peers.get(peer).follows(topic)
                && scores.score(peer) >= scores.config().publish();
    }

    /// Whether anything that a peer sends is read at all. Ask it before work is done on what it sent.
    public boolean listensTo(PeerId from) {
        return scores.score(from) >= scores.config().graylist();
    }

    /// Takes what a peer sent.
    public void receive(PeerId from, Rpc rpc, long now) {
        RemotePeer peer = peers.get(from);
        if (peer == null || !listensTo(from)) {
            return;
        }
        rpc.subscriptions().forEach(s -> subscription(from, peer, s, now));
        rpc.messages().forEach(m -> message(from, m, now));
        rpc.dontWant().forEach(id -> peer.dontWant(id, now));
        have(from, peer, rpc.have(), now);
        want(from, rpc.want());
        rpc.graft().forEach(topic -> grafted(from, peer, topic, now));
        rpc.prune().forEach(p -> pruned(from, p, now));
        flush();
    }

    private void subscription(PeerId from, RemotePeer peer, Subscription subscription, long now) {
        String topic = subscription.topic();
        if (!subscription.subscribe()) {
            peer.unfollow(topic);
            mesh.remove(topic, from);
        } else if (peer.follow(topic)
                // A mesh that lacks peers does not wait for the next heartbeat.
                && mesh.follows(topic)
                && mesh.of(topic).size() < config.dLow()
                && !mesh.waits(topic, from, now)
                && scores.score(from) >= 0) {
            graft(topic, from, now);
        }
    }

    private void message(PeerId from, GossipMessage message, long now) {
        String topic = message.topic();
        // What this node said itself and forgot comes from somebody who plays it again, or who knew no better.
        if (!mesh.follows(topic) || !listensTo(from) || Arrays.equals(message.from(), selfBytes)) {
            return;
        }
        String id = message.id();
        if (seen.contains(id)) {
            counts(topic).duplicates++;
            scores.delivered(from, topic, false);
            return;
        }
        if (message.data().length > config.maxMessage() || !output.verify(message)) {
            reject(from, topic);
            return;
        }
        // Before the application's check, which takes time in which others would send it too; but not for what nobody
        // signed, or a forger could have the real one refused.
        if (message.data().length >= config.idontwantBytes()) {
            tellDontWant(topic, from, id);
        }
        seen.add(id, now);
        lazy.came(id);
        output.check(message, from);
    }

    /// Takes what the application says of a message that it was asked about. Until then the message counts as seen, and
    /// is neither passed on nor delivered.
    public void checked(GossipMessage message, PeerId from, Verdict verdict) {
        String topic = message.topic();
        if (!mesh.follows(topic)) {
            return;
        }
        switch (verdict) {
            case REJECT -> reject(from, topic);
            case IGNORE -> {}
            case ACCEPT -> {
                String id = message.id();
                scores.delivered(from, topic, true);
                counts(topic).delivered++;
                lazy.keep(id, message);
                forward(from, message, id);
                output.deliver(message, from);
            }
        }
    }

    private void reject(PeerId from, String topic) {
        counts(topic).rejected++;
        scores.invalid(from, topic);
    }

    private void tellDontWant(String topic, PeerId from, String id) {
        for (PeerId other : mesh.of(topic)) {
            if (!other.equals(from) && peers.get(other).knowsDontWant()) {
                Rpc rpc = Rpc.empty();
                rpc.dontWant().add(id);
                output.send(other, rpc);
            }
        }
    }

    private void forward(PeerId from, GossipMessage message, String id) {
        Rpc rpc = Rpc.of(message);
        PeerId author = author(message);
        for (PeerId other : mesh.of(message.topic())) {
            if (!other.equals(from) && !other.equals(author) && peers.get(other).wants(id)) {
                output.send(other, rpc);
            }
        }
    }

    private static PeerId author(GossipMessage message) {
        try {
            return PeerId.parse(message.from());
        } catch (IllegalArgumentException e) {
            // Only where nothing is verified, as in simulations.
            return null;
        }
    }

    // Control.

    private void have(PeerId from, RemotePeer peer, List<Have> haves, long now) {
        if (scores.score(from) < scores.config().gossip()) {
            return;
        }
        List<String> wanted = lazy.wanted(from, peer, haves, mesh::follows, id -> !seen.contains(id), now);
        if (!wanted.isEmpty()) {
            pending(from).want().addAll(wanted);
        }
    }

    private void want(PeerId from, List<String> ids) {
        if (!ids.isEmpty() && scores.score(from) >= scores.config().gossip()) {
            lazy.give(from, ids, answer -> output.send(from, answer));
        }
    }

    private void grafted(PeerId from, RemotePeer peer, String topic, long now) {
        if (!mesh.follows(topic)) {
            return;
        }
        if (mesh.of(topic).contains(from)) {
            return;
        }
        if (mesh.waits(topic, from, now)) {
            scores.misbehaved(from, 1);
            pruneWith(topic, from, List.of(), config.pruneBackoff().toMillis(), now);
        } else if (scores.score(from) < 0 || mesh.of(topic).size() >= config.dHigh() && !peer.outbound()) {
            pruneWith(topic, from, others(topic, from), config.pruneBackoff().toMillis(), now);
        } else {
            peer.follow(topic);
            mesh.add(topic, from, now);
        }
    }

    private void pruned(PeerId from, Prune prune, long now) {
        if (!mesh.follows(prune.topic())) {
            return;
        }
        mesh.remove(prune.topic(), from);
        long backoff = prune.backoffSeconds() <= 0
                ? config.pruneBackoff().toMillis()
                : Math.min(prune.backoffSeconds(), 3600) * 1000;
        mesh.backOff(prune.topic(), from, now + backoff);
        if (scores.score(from) >= scores.config().acceptPx()) {
            meet(prune);
        }
    }

    /// As many as the mesh lacks: whoever suggests them does not choose this node's peers.
    private void meet(Prune prune) {
        int there = mesh.of(prune.topic()).size();
        if (there >= config.dLow()) {
            return;
        }
        List<Suggested> strangers = prune.others().stream()
                .limit(config.prunePeers())
                .filter(other -> !isKnown(other))
                .limit(config.d() - there)
                .toList();
        if (!strangers.isEmpty()) {
            output.meet(strangers);
        }
    }

    private boolean isKnown(Suggested other) {
        try {
            PeerId id = PeerId.parse(other.peer());
            return id.equals(self) || peers.containsKey(id);
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    // Time.

    /// Call it once every [GossipConfig#heartbeat].
    public void heartbeat(long now) {
        tick++;
        scores.heartbeat(now);
        mesh.expireBackoffs(now);
        lazy.heartbeat(now, peer -> scores.misbehaved(peer, 1));
        peers.values().forEach(peer -> peer.heartbeat(now));
        for (String topic : mesh.topics()) {
            maintain(topic, now);
            gossip(topic, mesh.of(topic));
        }
        fanouts.heartbeat(now, this::gossip);
        lazy.shift();
        seen.expire(now);
        flush();
    }

    private void maintain(String topic, long now) {
        long backoff = config.pruneBackoff().toMillis();
        for (PeerId bad : mesh.badlyScored(topic)) {
            mesh.remove(topic, bad);
            pruneWith(topic, bad, List.of(), backoff, now);
        }
        List<PeerId> wanted = List.copyOf(
                mesh.wanted(topic, candidates(topic, now), id -> peers.get(id).outbound(), tick));
        wanted.forEach(peer -> graft(topic, peer, now));
        for (PeerId surplus : mesh.surplus(topic, id -> peers.get(id).outbound())) {
            mesh.remove(topic, surplus);
            pruneWith(topic, surplus, others(topic, surplus), backoff, now);
        }
    }

    private void gossip(String topic, Set<PeerId> except) {
        List<String> ids = lazy.toTell(topic);
        if (ids.isEmpty()) {
            return;
        }
        List<PeerId> others = shuffledFollowers(
                topic,
                p -> !except.contains(p) && scores.score(p) >= scores.config().gossip());
        int count = Math.max(config.dLazy(), (int) (config.gossipFactor() * others.size()));
        others.stream().limit(count).forEach(peer -> pending(peer).have().add(new Have(topic, ids)));
    }

    /// Sorted before, so that the same chance gives the same order.
    private List<PeerId> shuffledFollowers(String topic, Predicate<PeerId> fit) {
        List<PeerId> following = new ArrayList<>(followers(topic));
        following.removeIf(fit.negate());
        Collections.sort(following);
        Collections.shuffle(following, java.util.Random.from(random));
        return following;
    }

    private Rpc pending(PeerId peer) {
        return pending.computeIfAbsent(peer, p -> Rpc.empty());
    }

    /// Control of one call goes out in one RPC for each peer.
    private void flush() {
        if (pending.isEmpty()) {
            return;
        }
        var all = new LinkedHashMap<>(pending);
        pending.clear();
        all.forEach((peer, rpc) -> {
            if (peers.containsKey(peer)) {
                output.send(peer, rpc);
            }
        });
    }

    /// Who this router is.
    public PeerId self() {
        return self;
    }
}
