/// Who may speak for a network, and what holds in it: a pure function of a set of signed documents.
///
/// The protocol:
/// 1. A genesis document has version 0 of the charter; its hash is the network's id.
/// 2. A charter names operators, recovery keys, a threshold, rules by kind, validators, roots and a floor.
/// 3. Charter n + 1 names n by hash, and is signed by the thresholds of both.
/// 4. Of several that follow one charter the highest (attempt, weight, hash) holds; a pin fixes all below it.
/// 5. A statement names a register (kind, key) and the charter under which it was made.
/// 6. A signature counts if its key is an operator of the last charter, without a break since the one that is named.
/// 7. Where the rule says quorum, the validators count instead, since the version that named their set.
/// 8. Enough signatures, or a root of the last charter that lists it, satisfy a statement.
/// 9. Of one register, the satisfied statement of the highest rank holds.
/// 10. A member is a certificate that holds, and a chain of rotations from its first key; two successors lock it.
/// 11. A store keeps what holds and what may yet hold, and forgets what a statement outranks that has its support.
/// 12. Quotas go by signer, and the lowest register hashes count, so that nobody's flood takes another's place.
/// 13. Two nodes compare tips, then paths, then sets by hash; charters come first.
///
/// Invariants: the same set and pin give the same holding in any order; no clock admits, revokes or orders anything
/// (but
/// what is said once, which time ends); memory is bounded whoever sends; no signature is checked that could not count.
///
/// Where it departs from what was first written, and why: `docs/adr/0015-authority-is-a-chain-of-charters.md`. The
/// bytes:
/// `docs/authority.md`. All is plain Java: time, chance and signatures are handed in; one thread at a time.
///
/// `wire`: values and the canonical form. `document`: charters, statements, lists. `member`: certificates and
/// rotations.
/// `store`: what is kept, what holds. `signer`: what a signer's node builds and refuses. `recovery`: codes of 24 words.
package network.mycelium.identity.core;
