package network.mycelium.libp2p.core.gossip;

import java.util.HashMap;
import java.util.Map;
import network.mycelium.libp2p.PeerId;

/// The score of each peer, by the function of gossipsub v1.1: the sum of what it did well and badly in each topic and
/// altogether. One thread at a time.
final class PeerScores {
    private static final class TopicStats {
        private boolean inMesh;
        private long graftedAt;
        private double timeInMesh;
        private double firstDeliveries;
        private double meshDeliveries;
        private double meshFailure;
        private double invalid;
    }

    private static final class Stats {
        private final Map<String, TopicStats> topics = new HashMap<>();
        private double behaviour;
        private String ip = "";
        private boolean connected = true;
        private long forgetAt;
    }

    private static final double NEGLIGIBLE = 0.01;

    private final ScoreConfig config;
    private final double decayPerHeartbeat;
    private final Map<PeerId, Stats> peers = new HashMap<>();
    private final Map<String, Integer> perIp = new HashMap<>();

    PeerScores(ScoreConfig config, double heartbeatSeconds) {
        this.config = config;
        this.decayPerHeartbeat = Math.pow(config.decay(), heartbeatSeconds);
    }

    ScoreConfig config() {
        return config;
    }

    void connected(PeerId peer, String ip) {
        Stats stats = peers.computeIfAbsent(peer, p -> new Stats());
        stats.connected = true;
        stats.ip = ip;
        perIp.merge(ip, 1, Integer::sum);
    }

    void disconnected(PeerId peer, long now) {
        Stats stats = peers.get(peer);
        if (stats == null) {
            return;
        }
        perIp.computeIfPresent(stats.ip, (ip, n) -> n == 1 ? null : n - 1);
        stats.topics.forEach((topic, t) -> left(t));
        if (score(peer) >= 0) {
            // Who did well starts anew; who did badly cannot shake it off by coming back.
            peers.remove(peer);
        } else {
            stats.connected = false;
            stats.forgetAt = now + config.retain().toMillis();
        }
    }

    private TopicStats topic(PeerId peer, String topic) {
        Stats stats = peers.get(peer);
        return stats == null ? new TopicStats() : stats.topics.computeIfAbsent(topic, t -> new TopicStats());
    }

    void grafted(PeerId peer, String topic, long now) {
        TopicStats t = topic(peer, topic);
        t.inMesh = true;
        t.graftedAt = now;
        t.timeInMesh = 0;
    }

    void pruned(PeerId peer, String topic) {
        left(topic(peer, topic));
    }

    private void left(TopicStats t) {
        if (t.inMesh && config.meshDeliveries() < 0 && t.meshDeliveries < config.meshDeliveriesThreshold()) {
            double deficit = config.meshDeliveriesThreshold() - t.meshDeliveries;
            t.meshFailure += deficit * deficit;
        }
        t.inMesh = false;
        t.timeInMesh = 0;
    }

    /// @param first whether nobody delivered it before
    void delivered(PeerId peer, String topic, boolean first) {
        TopicStats t = topic(peer, topic);
        if (first) {
            t.firstDeliveries = Math.min(t.firstDeliveries + 1, config.firstDeliveriesCap());
        }
        if (t.inMesh) {
            t.meshDeliveries++;
        }
    }

    void invalid(PeerId peer, String topic) {
        topic(peer, topic).invalid++;
    }

    void misbehaved(PeerId peer, double times) {
        Stats stats = peers.get(peer);
        if (stats != null) {
            stats.behaviour += times;
        }
    }

    double score(PeerId peer) {
        Stats stats = peers.get(peer);
        if (stats == null) {
            return 0;
        }
        double score = 0;
        for (TopicStats t : stats.topics.values()) {
            score += config.timeInMesh() * Math.min(t.timeInMesh, config.timeInMeshCap());
            score += config.firstDeliveries() * t.firstDeliveries;
            score += config.meshFailure() * t.meshFailure;
            score += config.invalid() * t.invalid * t.invalid;
            if (t.inMesh
                    && t.timeInMesh > config.meshDeliveriesActivation().toSeconds()
                    && t.meshDeliveries < config.meshDeliveriesThreshold()) {
                double deficit = config.meshDeliveriesThreshold() - t.meshDeliveries;
                score += config.meshDeliveries() * deficit * deficit;
            }
        }
        int neighbours = perIp.getOrDefault(stats.ip, 0) - config.colocationThreshold();
        if (neighbours > 0) {
            score += config.colocation() * neighbours * neighbours;
        }
        double surplus = stats.behaviour - config.behaviourThreshold();
        if (surplus > 0) {
            score += config.behaviour() * surplus * surplus;
        }
        return score;
    }

    /// Lets all counters decay, and forgets peers that left long ago.
    void heartbeat(long now) {
        peers.values().removeIf(s -> !s.connected && now > s.forgetAt);
        for (Stats s : peers.values()) {
            s.behaviour = decayed(s.behaviour);
            for (TopicStats t : s.topics.values()) {
                t.firstDeliveries = decayed(t.firstDeliveries);
                t.meshDeliveries = decayed(t.meshDeliveries);
                t.meshFailure = decayed(t.meshFailure);
                t.invalid = decayed(t.invalid);
                if (t.inMesh) {
                    t.timeInMesh = (now - t.graftedAt) / 1000.0;
                }
            }
        }
    }

    private double decayed(double counter) {
        double left = counter * decayPerHeartbeat;
        return left < NEGLIGIBLE ? 0 : left;
    }

    Map<PeerId, Double> all() {
        Map<PeerId, Double> scores = new HashMap<>();
        peers.forEach((peer, stats) -> {
            if (stats.connected) {
                scores.put(peer, score(peer));
            }
        });
        return scores;
    }
}
