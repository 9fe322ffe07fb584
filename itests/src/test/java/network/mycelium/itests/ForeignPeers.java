package network.mycelium.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.mycelium.bench.libp2p.PeerProcess;
import org.junit.jupiter.api.Assumptions;

/// Foreign peers of `itests/peers`, installed when first needed; where their tool chain is missing, the test that
/// wants one is skipped and says why.
final class ForeignPeers {
    private static final long INSTALL_MINUTES = 5;

    /// Null until it was looked for.
    private static Optional<String> goMissing;

    private ForeignPeers() {}

    static Path checkout() {
        return Path.of(System.getProperty("mycelium.checkout"));
    }

    /// @param security `noise` or `tls`
    static PeerProcess js(String security) throws IOException, InterruptedException {
        install("js");
        return PeerProcess.js(checkout(), security, log("js"));
    }

    /// That finds others by mDNS.
    ///
    /// @param prefix what the command begins with, to run it on another host
    static PeerProcess jsOnLink(List<String> prefix) throws IOException, InterruptedException {
        install("js");
        return PeerProcess.jsOnLink(checkout(), prefix, log("js"));
    }

    static PeerProcess helia() throws IOException, InterruptedException {
        Assumptions.assumeTrue(
                Boolean.getBoolean("helia"),
                "helia is not tested, for it takes minutes to install: -Psoak or -Dhelia=true does it");
        install("helia");
        return PeerProcess.helia(checkout(), log("helia"));
    }

    /// @param key `ed25519`, `ecdsa`, `secp256k1` or `rsa`
    static PeerProcess go(String security, String key) throws IOException, InterruptedException {
        assumeGo();
        return PeerProcess.go(checkout(), security, key, log("go"));
    }

    /// That finds others by mDNS.
    ///
    /// @param prefix what the command begins with, to run it on another host
    static PeerProcess goOnLink(List<String> prefix) throws IOException, InterruptedException {
        assumeGo();
        return PeerProcess.goOnLink(checkout(), prefix, log("go"));
    }

    private static void assumeGo() throws IOException, InterruptedException {
        Optional<String> missing = goMissing();
        Assumptions.assumeTrue(missing.isEmpty(), missing.orElse(""));
    }

    /// Why there are no peers of go-libp2p, if there are none.
    static synchronized Optional<String> goMissing() throws IOException, InterruptedException {
        if (goMissing == null) {
            Path output = log("go");
            if (!Boolean.getBoolean("peers")) {
                goMissing = Optional.of("go-libp2p is tested with -Ppeers alone");
            } else if (!runs(output, Path.of("."), "go", "version")) {
                goMissing = Optional.of("no Go on this machine: go-libp2p is not tested");
            } else if (!runs(output, checkout().resolve("itests/peers/go"), "go", "build", "-o", "peer", ".")) {
                goMissing = Optional.of(
                        "the go-libp2p peer could not be built, which is not tested: " + Files.readString(output));
            } else {
                goMissing = Optional.empty();
            }
        }
        return goMissing;
    }

    private static Path log(String name) throws IOException {
        return Files.createTempFile(Files.createDirectories(checkout().resolve("itests/target/peers")), name, ".log");
    }

    private static synchronized void install(String peer) throws IOException, InterruptedException {
        Path folder = checkout().resolve("itests/peers").resolve(peer);
        if (PeerProcess.hasNode(folder)) {
            return;
        }
        Path output = log("npm");
        Assumptions.assumeTrue(
                runs(output, Path.of("."), "npm", "--version"),
                "no npm on this machine: the peer " + peer + " is not tested");
        Assumptions.assumeTrue(
                runs(output, folder, "npm", "ci"),
                "npm could not install the peer %s, which is not tested: %s".formatted(peer, Files.readString(output)));
    }

    private static boolean runs(Path output, Path folder, String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            return process.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
