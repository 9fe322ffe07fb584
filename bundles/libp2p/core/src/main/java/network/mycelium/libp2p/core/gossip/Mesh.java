package network.mycelium.libp2p.core.gossip;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import network.mycelium.libp2p.PeerId;

/// The peers of each topic's mesh and those that wait after a prune. It decides who is grafted and pruned; the router
/// tells them.
final class Mesh {
    private final GossipConfig config;
    private final RandomGenerator random;
    private final PeerScores scores;
    private final Map<String, Set<PeerId>> meshes = new HashMap<>();
    private final Map<String, Map<PeerId, Long>> backoffs = new HashMap<>();

    Mesh(GossipConfig config, RandomGenerator random, PeerScores scores) {
        this.config = config;
        this.random = random;
        this.scores = scores;
    }

    Set<PeerId> of(String topic) {
        return meshes.getOrDefault(topic, Set.of());
    }

    boolean follows(String topic) {
        return meshes.containsKey(topic);
    }

    Set<String> topics() {
        return meshes.keySet();
    }

    void join(String topic) {
        meshes.put(topic, new LinkedHashSet<>());
    }

    /// @return who was in it
    Set<PeerId> leave(String topic) {
        Set<PeerId> left = meshes.remove(topic);
        return left == null ? Set.of() : left;
    }

    boolean add(String topic, PeerId peer, long now) {
        if (!meshes.get(topic).add(peer)) {
            return false;
        }
        scores.grafted(peer, topic, now);
        return true;
    }

    boolean remove(String topic, PeerId peer) {
        Set<PeerId> mesh = meshes.get(topic);
        if (mesh == null || !mesh.remove(peer)) {
            return false;
        }
        scores.pruned(peer, topic);
        return true;
    }

    void disconnected(PeerId peer) {
        meshes.values().forEach(mesh -> mesh.remove(peer));
    }

    void backOff(String topic, PeerId peer, long until) {
        backoffs.computeIfAbsent(topic, t -> new HashMap<>()).merge(peer, until, Math::max);
    }

    boolean waits(String topic, PeerId peer, long now) {
        return backoffs.getOrDefault(topic, Map.of()).getOrDefault(peer, Long.MIN_VALUE) > now;
    }

    void expireBackoffs(long now) {
        backoffs.values().forEach(peers -> peers.values().removeIf(until -> until <= now));
        backoffs.values().removeIf(Map::isEmpty);
    }

    /// Peers to graft, so that the mesh gets to its degree.
    ///
    /// @param candidates that follow the topic and can be asked
    List<PeerId> wanted(String topic, List<PeerId> candidates, Predicate<PeerId> outbound, long tick) {
        Set<PeerId> mesh = of(topic);
        List<PeerId> shuffled = new ArrayList<>(candidates);
        Collections.shuffle(shuffled, java.util.Random.from(random));
        if (mesh.size() < config.dLow()) {
            return first(shuffled, config.d() - mesh.size());
        }
        long out = mesh.stream().filter(outbound).count();
        if (out < config.dOut()) {
            return first(shuffled.stream().filter(outbound).toList(), (int) (config.dOut() - out));
        }
        if (mesh.size() > 1 && tick % config.opportunisticGraftTicks() == 0) {
            double median = median(mesh);
            if (median < scores.config().opportunisticGraft()) {
                return first(
                        shuffled.stream().filter(p -> scores.score(p) > median).toList(),
                        config.opportunisticGraftPeers());
            }
        }
        return List.of();
    }

    private double median(Set<PeerId> mesh) {
        return mesh.stream()
                .mapToDouble(scores::score)
                .sorted()
                .skip(mesh.size() / 2)
                .findFirst()
                .orElse(0);
    }

    private static List<PeerId> first(List<PeerId> peers, int count) {
        return peers.subList(0, Math.min(Math.max(count, 0), peers.size()));
    }

    /// Peers to prune, so that the mesh gets down to its degree: the best scored and enough outbound ones stay.
    List<PeerId> surplus(String topic, Predicate<PeerId> outbound) {
        Set<PeerId> mesh = of(topic);
        if (mesh.size() <= config.dHigh()) {
            return List.of();
        }
        List<PeerId> ranked = new ArrayList<>(mesh);
        Collections.shuffle(ranked, java.util.Random.from(random));
        ranked.sort(Comparator.comparingDouble(scores::score).reversed());
        Collections.shuffle(ranked.subList(config.dScore(), ranked.size()), java.util.Random.from(random));
        int out = (int) ranked.subList(0, config.d()).stream().filter(outbound).count();
        for (int i = config.d(); out < config.dOut() && i < ranked.size(); i++) {
            if (outbound.test(ranked.get(i))) {
                ranked.add(config.dScore(), ranked.remove(i));
                out++;
            }
        }
        return List.copyOf(ranked.subList(config.d(), ranked.size()));
    }

    List<PeerId> badlyScored(String topic) {
        return of(topic).stream().filter(p -> scores.score(p) < 0).toList();
    }
}
