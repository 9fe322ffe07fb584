package network.mycelium.greeter.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FriendlyGreeterTest {
    @Test
    void greets_by_name() {
        assertThat(new FriendlyGreeter().greet("Ada")).isEqualTo("Hello, Ada!");
    }
}
