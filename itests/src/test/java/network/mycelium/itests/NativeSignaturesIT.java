package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The component `native-signatures`, published as its documentation says, comes to a node, works beside one that has
/// none, and goes.
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NativeSignaturesIT {
    private static final String USED = "Ed25519 signatures by AmazonCorrettoCryptoProvider";
    private static final String GONE = "Ed25519 signatures by BouncyCastle again";

    @TempDir
    Path temp;

    @BeforeAll
    static void onlyWhereThereIsNativeCode() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "native-signatures is for Linux");
    }

    @Test
    void it_signs_and_verifies_while_it_is_loaded_and_peers_notice_nothing() throws Exception {
        Path repository = temp.resolve("repository");
        try (var node = NodeProcess.start(temp.resolve("node"));
                var other = NodeProcess.start(temp.resolve("other"))) {
            node.use(jar(), repository);
            node.send("p2p", "connect", TestNetwork.address(other)).ok();
            node.send("component", "load", "native-signatures").ok();
            await().untilAsserted(() -> assertThat(log()).contains(USED).doesNotContain(GONE));
            tell(node, other, "signed natively");
            tell(other, node, "verified natively");
            node.send("component", "unload", "native-signatures").ok();
            await().untilAsserted(() -> assertThat(log()).contains(GONE));
            tell(node, other, "signed in Java");
            node.send("component", "load", "native-signatures").ok();
            await().untilAsserted(() ->
                    assertThat(log().substring(log().indexOf(GONE))).contains(USED));
            tell(other, node, "verified natively again");
        }
    }

    private static Path jar() throws IOException {
        Path target = ForeignPeers.checkout().resolve("bundles/libp2p/native-signatures/target");
        try (var jars = Files.newDirectoryStream(target, "libp2p.native-signatures-*.jar")) {
            return jars.iterator().next();
        }
    }

    private String log() throws IOException {
        return Files.readString(temp.resolve("node/log/node.0.log"));
    }

    private static void tell(NodeProcess from, NodeProcess to, String text) throws Exception {
        CompletableFuture<String> heard = to.hearOne("news");
        await().until(() ->
                from.send("p2p", "publish", "news", text).ok().out().contains("Published to 1") || heard.isDone());
        assertThat(heard.get(60, TimeUnit.SECONDS)).contains(text);
    }
}
