package network.mycelium.libp2p.core.gossip;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.gossip.Rpc.Have;

/// Telling of messages, asking for those that one was told of, and giving them (IHAVE and IWANT). One thread at a time.
final class LazyGossip {
    private final GossipConfig config;
    private final RandomGenerator random;
    private final MessageCache cache;
    private final Promises promises = new Promises();

    LazyGossip(GossipConfig config, RandomGenerator random) {
        this.config = config;
        this.random = random;
        this.cache = new MessageCache(config.historyLength(), config.historyGossip());
    }

    /// A message that can be told of and given from now on.
    void keep(String id, GossipMessage message) {
        cache.put(id, message);
    }

    /// A message came: whoever promised it is quit.
    void came(String id) {
        promises.kept(id);
    }

    /// What to ask a peer for, of what it told of in one RPC.
    ///
    /// @param interesting topics that are followed
    /// @param isNew ids that did not come yet
    List<String> wanted(
            PeerId from,
            RemotePeer peer,
            List<Have> haves,
            Predicate<String> interesting,
            Predicate<String> isNew,
            long now) {
        if (haves.isEmpty() || !peer.mayTell()) {
            return List.of();
        }
        List<String> wanted = new ArrayList<>();
        for (Have have : haves) {
            if (!interesting.test(have.topic())) {
                continue;
            }
            for (String id : have.ids()) {
                if (wanted.size() >= peer.mayAsk()) {
                    break;
                }
                if (id.length() <= GossipMessage.MAX_ID && isNew.test(id)) {
                    wanted.add(id);
                }
            }
        }
        if (!wanted.isEmpty()) {
            peer.asked(wanted.size());
            // One of them stands for all: who announces must deliver.
            String promised = wanted.get(random.nextInt(wanted.size()));
            promises.promised(promised, from, now + config.iwantFollowup().toMillis());
        }
        return wanted;
    }

    /// What a peer asks for, in RPCs that any implementation takes.
    void give(PeerId to, List<String> ids, Consumer<Rpc> send) {
        Rpc answer = Rpc.empty();
        int bytes = 0;
        for (String id : ids) {
            GossipMessage message = cache.get(id, to, config.gossipRetransmissions());
            if (message == null) {
                continue;
            }
            if (bytes > 0 && bytes + message.weight() > config.maxAnswer()) {
                send.accept(answer);
                answer = Rpc.empty();
                bytes = 0;
            }
            answer.messages().add(message);
            bytes += message.weight();
        }
        if (!answer.isEmpty()) {
            send.accept(answer);
        }
    }

    /// @return ids to tell of; no more than others may ask for
    List<String> toTell(String topic) {
        List<String> ids = cache.idsToTell(topic);
        return ids.size() <= config.maxIhaveIds() ? ids : ids.subList(0, config.maxIhaveIds());
    }

    /// @param culprit told of each promise that is broken by now
    void heartbeat(long now, Consumer<PeerId> culprit) {
        promises.broken(now, culprit);
    }

    /// A heartbeat's messages are all told of: the oldest go.
    void shift() {
        cache.shift();
    }
}
