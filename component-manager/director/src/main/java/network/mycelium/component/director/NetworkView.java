package network.mycelium.component.director;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What a node sees of its network at one moment; all that it decides, it decides by this.
///
/// @param nowMillis by a clock that only grows
/// @param settled whether the node has heard the network since it booted, or waited long enough for it
/// @param self this node's peer id
/// @param living who counts as living, this node included, by peer id
/// @param newest the present peer id of a member that had the given one; empty if there is no such member any
///     more
/// @param name what a member is called, by its peer id
record NetworkView(
        long nowMillis,
        boolean settled,
        String self,
        Map<String, Heard> living,
        Function<String, Optional<String>> newest,
        Function<String, String> name) {}
