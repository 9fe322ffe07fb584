package network.mycelium.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NodeLogTest {
    @Test
    void what_is_logged_cannot_steer_a_terminal() {
        assertThat(NodeLog.printable("a \u001b[2J\u009b1m\r\u202ename\n\tat line é 😀\n"))
                .isEqualTo("a \\u001b[2J\\u009b1m\\u000d\\u202ename\n\tat line é 😀\n");
    }
}
