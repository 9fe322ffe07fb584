package network.mycelium.libp2p.provider.swarm;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import network.mycelium.libp2p.Multiaddr;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.PeerInfo;
import network.mycelium.libp2p.core.record.PeerRecord;

/// What is known of peers, at most [#MAX_PEERS] of them with [#MAX_ADDRESSES] addresses each, and [#MAX_BYTES] in all:
/// beyond, the one that was not seen for longest goes. Safe from any thread.
public final class PeerBook {
    private static final int MAX_PEERS = 4096;
    private static final int MAX_ADDRESSES = 32;
    private static final long MAX_BYTES = 8 << 20;
    /// A longer record is not kept for others; its addresses are.
    private static final int MAX_RECORD = 8 << 10;

    private static final int MAX_SHARED = 256;
    private static final int MAX_SHARED_BYTES = 4 << 10;
    private static final int ENTRY_OVERHEAD = 256;
    private static final int ADDRESS_OVERHEAD = 96;

    private static final class Entry {
        private final Set<Multiaddr> addresses = new LinkedHashSet<>(2);
        private long sequence = -1;
        private byte[] signedRecord = {};
        private Set<String> protocols = Set.of();
        private String agent = "";
        private String security = "";
        private Instant seen = Instant.EPOCH;
        private final Map<String, Integer> tags = new ConcurrentHashMap<>();
        /// As it was counted last; 0 before it is, and negative when it is gone.
        private long weight;

        /// About how much memory it takes.
        private long weigh() {
            long sum = ENTRY_OVERHEAD + signedRecord.length + agent.length() + textBytes(protocols);
            for (Multiaddr address : addresses) {
                sum += ADDRESS_OVERHEAD + address.bytes().length;
            }
            return sum;
        }
    }

    private static long textBytes(Set<String> texts) {
        return texts.stream().mapToLong(text -> text.length() + 1L).sum();
    }

    private final Map<PeerId, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

    private final Map<Set<String>, Set<String>> sharedSets = new ConcurrentHashMap<>();

    private Entry entry(PeerId peer) {
        return entries.computeIfAbsent(peer, p -> new Entry());
    }

    /// Counts an entry anew after it changed, and makes room. Not to be called with the lock of an entry.
    private void changed(PeerId peer, Entry entry) {
        synchronized (entry) {
            if (entry.weight >= 0) {
                long weight = entry.weigh();
                bytes.addAndGet(weight - entry.weight);
                entry.weight = weight;
            }
        }
        while (entries.size() > MAX_PEERS || bytes.get() > MAX_BYTES) {
            var oldest = entries.entrySet().stream()
                    .filter(e -> !e.getKey().equals(peer) && e.getValue().tags.isEmpty())
                    .min(Comparator.comparing(e -> e.getValue().seen));
            if (oldest.isEmpty()) {
                return;
            }
            remove(oldest.get().getKey(), oldest.get().getValue());
        }
    }

    private void remove(PeerId peer, Entry entry) {
        if (entries.remove(peer, entry)) {
            synchronized (entry) {
                bytes.addAndGet(-entry.weight);
                entry.weight = -1;
            }
        }
    }

    /// About how much memory all entries take.
    long bytes() {
        return bytes.get();
    }

    public void addAddresses(PeerId peer, List<Multiaddr> addresses) {
        Entry entry = entry(peer);
        synchronized (entry) {
            // What a peer signed itself is not mixed with hearsay.
            if (entry.sequence < 0) {
                add(entry, addresses);
            }
        }
        changed(peer, entry);
    }

    private static void add(Entry entry, List<Multiaddr> addresses) {
        for (Multiaddr address : addresses) {
            if (entry.addresses.size() < MAX_ADDRESSES) {
                entry.addresses.add(address.withoutPeer());
            }
        }
    }

    /// Takes a record that the peer signed, if it is newer than the one known.
    ///
    /// @param envelope the record as it was signed
    public void certified(PeerRecord peerRecord, byte[] envelope) {
        Entry entry = entry(peerRecord.peer());
        synchronized (entry) {
            if (peerRecord.sequence() > entry.sequence) {
                entry.sequence = peerRecord.sequence();
                entry.signedRecord = envelope.length <= MAX_RECORD ? envelope : new byte[0];
                entry.addresses.clear();
                add(entry, peerRecord.addresses());
            }
        }
        changed(peerRecord.peer(), entry);
    }

    /// The peer's record in the envelope that it signed, for others.
    public Optional<byte[]> signedRecord(PeerId peer) {
        Entry entry = entries.get(peer);
        if (entry == null) {
            return Optional.empty();
        }
        synchronized (entry) {
            return entry.signedRecord.length == 0 ? Optional.empty() : Optional.of(entry.signedRecord);
        }
    }

    void identified(PeerId peer, Set<String> protocols, String agent) {
        Entry entry = entry(peer);
        synchronized (entry) {
            entry.protocols = shared(protocols);
            entry.agent = agent;
            entry.seen = Instant.now();
        }
        changed(peer, entry);
    }

    /// Peers offer much the same, so one set serves many of them.
    private Set<String> shared(Set<String> protocols) {
        if (textBytes(protocols) > MAX_SHARED_BYTES) {
            return Set.copyOf(protocols);
        }
        if (sharedSets.size() > MAX_SHARED) {
            sharedSets.clear();
        }
        return sharedSets.computeIfAbsent(Set.copyOf(protocols), set -> set);
    }

    /// The security protocol that the peer took when this node last dialled it.
    ///
    /// @return empty text if it is not known
    String security(PeerId peer) {
        Entry entry = entries.get(peer);
        if (entry == null) {
            return "";
        }
        synchronized (entry) {
            return entry.security;
        }
    }

    /// @param security empty text to forget it
    void security(PeerId peer, String security) {
        Entry entry = entry(peer);
        synchronized (entry) {
            entry.security = security;
        }
        changed(peer, entry);
    }

    public void seen(PeerId peer, Instant when) {
        Entry entry = entry(peer);
        synchronized (entry) {
            entry.seen = when;
        }
        changed(peer, entry);
    }

    boolean offers(PeerId peer, String protocol) {
        Entry entry = entries.get(peer);
        if (entry == null) {
            return false;
        }
        synchronized (entry) {
            return entry.protocols.contains(protocol);
        }
    }

    void tag(PeerId peer, String tag, int value) {
        Entry entry = entry(peer);
        if (value == 0) {
            entry.tags.remove(tag);
        } else {
            entry.tags.put(tag, value);
        }
        changed(peer, entry);
    }

    /// The sum of its tags.
    long value(PeerId peer) {
        Entry entry = entries.get(peer);
        return entry == null
                ? 0
                : entry.tags.values().stream().mapToLong(Integer::longValue).sum();
    }

    boolean isProtected(PeerId peer) {
        Entry entry = entries.get(peer);
        return entry != null && entry.tags.containsValue(Integer.MAX_VALUE);
    }

    public Optional<PeerInfo> info(PeerId peer) {
        return Optional.ofNullable(entries.get(peer)).map(entry -> info(peer, entry));
    }

    private static PeerInfo info(PeerId peer, Entry entry) {
        synchronized (entry) {
            return new PeerInfo(
                    peer,
                    new ArrayList<>(entry.addresses),
                    entry.sequence >= 0,
                    entry.protocols,
                    entry.agent,
                    entry.seen);
        }
    }

    public List<PeerInfo> all() {
        return entries.entrySet().stream()
                .map(e -> info(e.getKey(), e.getValue()))
                .toList();
    }
}
