package network.mycelium.shell.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
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
                "node config db password=s3cret db.password=x&y | node config db password=... db.password=...",
                "join --ticket abc --name n | join --ticket ... --name n",
                "join --ticket-file secret.txt --name n | join --ticket-file secret.txt --name n",
                "x --password 'two words' y | x --password ... y",
                "x --password=s3cret --token=t y | x --password=... --token=... y",
                "network order 'node config x password=s3cret' --seconds 5 | network order 'node config x password=...' --seconds 5",
                "x password='two words' y | x password='...' y",
                "x API_KEY=abc Passphrase=def access-key=g | x API_KEY=... Passphrase=... access-key=...",
                "x path=/etc/passwd count=5 name=token | x path=/etc/passwd count=5 name=token",
                "repo add https://host:8443/repository/ | repo add https://host:8443/repository/",
                "component load greeter | component load greeter"
            })
    void what_is_secret_is_not_shown_and_the_rest_is(String line, String shown) {
        assertThat(Secrets.hide(line)).isEqualTo(shown);
    }

    @Test
    void words_are_shown_as_one_line_without_secrets() {
        assertThat(Secrets.hide(List.of("x", "password=two 'words' \"here\" & more", "it's", "", "a\nb")))
                .isEqualTo("x password=... \"it's\" '' 'a\\u000ab'");
        assertThat(Secrets.hide(List.of("network", "order", "node config x password=s3 --token t")))
                .doesNotContain("s3", " t")
                .contains("node config x password=...");
        assertThat(Secrets.hide(List.of("x", "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----")))
                .doesNotContain("MC4CAQ");
    }

    @Test
    void settings_are_secret_by_their_names() {
        assertThat(List.of(".anything", "password", "db.password", "API_KEY", "join-token"))
                .allMatch(Secrets::isSecret);
        assertThat(List.of("listen", "url", "keys", "path", "max.connections")).noneMatch(Secrets::isSecret);
    }
}
