package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "network join mycelium1-abc_D-e | network join mycelium1-...",
                "node config db url=jdbc:postgresql://me:s3cret@host/db | node config db url=jdbc:postgresql://me:...@host/db",
                "url=jdbc:postgresql://host/db?user=me&password=s3cret&ssl=true | url=jdbc:postgresql://host/db?user=me&password=...&ssl=true",
                "node config db .password=s3cret x=1 | node config db .password=... x=1",
                "node:config 'db' '.password=two words' 'x=1' | node:config 'db' '.password=...' 'x=1'",
                "repo add https://host:8443/repository/ | repo add https://host:8443/repository/",
                "component load greeter | component load greeter"
            })
    void what_is_secret_is_not_shown_and_the_rest_is(String line, String shown) {
        assertThat(Secrets.hide(line)).isEqualTo(shown);
    }
}
