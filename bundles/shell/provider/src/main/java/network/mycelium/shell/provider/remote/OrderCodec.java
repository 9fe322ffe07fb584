package network.mycelium.shell.provider.remote;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.PeerId;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;
import network.mycelium.shell.Orders.Order;

/// Orders as bodies of statements.
final class OrderCodec {
    static final String KIND = "order";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final int MAX_WORDS = 1000;
    private static final int MAX_SELECTED = 1000;

    private OrderCodec() {}

    /// @throws IllegalArgumentException if it makes no sense
    static byte[] body(List<String> command, List<PeerId> nodes, List<String> roles, Map<String, String> labels) {
        check(command.size(), nodes.size(), roles.size(), labels.size());
        var out = new ProtoWriter();
        command.forEach(word -> out.text(1, word));
        nodes.forEach(node -> out.bytes(2, node.bytes()));
        roles.forEach(role -> out.text(3, role));
        labels.forEach((key, value) -> out.text(4, key + "=" + value));
        return out.toBytes();
    }

    /// @throws IllegalArgumentException if it is none
    static Order order(Statement statement) {
        if (!isId(statement.key())) {
            throw new IllegalArgumentException("An order's key is 16 hexadecimal digits");
        }
        List<String> command = new ArrayList<>();
        List<PeerId> nodes = new ArrayList<>();
        List<String> roles = new ArrayList<>();
        Map<String, String> labels = new LinkedHashMap<>();
        var in = new ProtoReader(statement.body());
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> command.add(in.text());
                case 2 -> nodes.add(PeerId.parse(in.bytes()));
                case 3 -> roles.add(in.text());
                case 4 -> {
                    String[] parts = in.text().split("=", 2);
                    labels.put(parts[0], parts.length == 2 ? parts[1] : "");
                }
                default -> {}
            }
        }
        check(command.size(), nodes.size(), roles.size(), labels.size());
        return new Order(
                statement.key(),
                List.copyOf(command),
                List.copyOf(nodes),
                List.copyOf(roles),
                Map.copyOf(labels),
                statement.issued(),
                statement.expires(),
                statement.signers());
    }

    /// As [NetworkOrders#give] makes them. An id names a file, so nothing else is one.
    static boolean isId(String key) {
        return ID.matcher(key).matches();
    }

    private static void check(int words, int... selected) {
        if (words < 1 || words > MAX_WORDS) {
            throw new IllegalArgumentException("An order is a command of 1 to %d words, not %d: network order 'COMMAND'"
                    .formatted(MAX_WORDS, words));
        }
        for (int count : selected) {
            if (count > MAX_SELECTED) {
                throw new IllegalArgumentException(
                        "An order selects by %d things at most, not %d".formatted(MAX_SELECTED, count));
            }
        }
    }
}
