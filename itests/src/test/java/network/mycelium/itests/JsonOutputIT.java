package network.mycelium.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import network.mycelium.itests.NodeProcess.Answer;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.json.JSONTokener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every command answers with `--json`, on a node of a network of two: JSON, in which a time is as in ISO 8601 and
/// a duration a number with its unit in the name; and an error is JSON too.
class JsonOutputIT {
    /// What they take, where they do something with it; all others are called without a word.
    private static final Map<String, List<String>> WORDS = new TreeMap<>();

    /// They end the node, or take it out of the network; each says no more than a sentence.
    private static final Set<String> LAST = Set.of("node:restart", "node:stop", "network:leave", "network:rotate-key");

    private static final Pattern DURATION =
            Pattern.compile("(?i)\\d+(\\.\\d+)? ?(ns|µs|us|ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)|PT\\d.*");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d[T ].*");
    private static final Pattern TIMES =
            Pattern.compile("time|since|signed|issued|expires|given|deadline|done|created|made|last seen|maintenance");
    private static final Pattern DURATIONS =
            Pattern.compile("(.* )?(seconds|milliseconds|millis|minutes|uptime)( .*)?");

    @TempDir
    static Path temp;

    private static TestNetwork network;
    private static NodeProcess node;

    @BeforeAll
    static void live() throws Exception {
        network = new TestNetwork(temp);
        node = network.founder();
        NodeProcess other = network.member(node, "other");
        network.publish(node, "1.0.0");
        TestNetwork.direct(node, "weather", "--on", "1", "--memory", "1");
        node.send("network", "role", "keeper", "weather", "--auto", "--uptime", "5", "--access", "full")
                .ok();
        node.send("network", "task", "watch", "weather").ok();
        node.send("node", "config", "network.mycelium.component", "linger.millis=50000")
                .ok();
        String order = new JSONObject(node.send("network", "order", "node health", "--json")
                        .ok()
                        .out())
                .getString("number");
        String peer = TestNetwork.peer(other);
        String repository = temp.resolve("repository").toString();
        String key = temp.resolve("json.pem").toString();
        put("component:history", "--limit", "50");
        for (String name : List.of("info", "load", "update", "why", "pin", "unpin", "unload", "rollback")) {
            put("component:" + name, "greeter");
        }
        put("component:plan", "load", "greeter");
        put("network:on", "other", "node", "status");
        put("network:order", "node status");
        put("network:outcome", order);
        put("network:outcomes", order);
        put("network:begin", "watch");
        put("network:end", "watch");
        put("network:direct", "greeter");
        put("network:promote", "other", "keeper");
        put("network:demote", "other", "keeper");
        put("network:role", "keeper", "weather");
        put("network:task", "watch", "weather");
        put("network:undirect", "greeter");
        put("network:init", "again");
        put("node:config", "network.mycelium.libp2p");
        put("node:maintenance", "5");
        put("p2p:peer", peer);
        put("p2p:ping", peer, "--count", "1");
        put("p2p:connect", peer);
        put("p2p:publish", "news", "hello");
        put("p2p:follow", "news", "--seconds", "1");
        put("p2p:peers", "--all");
        put("repo:keygen", key);
        put("repo:verify", repository, "--key", "ed25519:AAAA");
        put("repo:remove", repository);
    }

    private static void put(String command, String... words) {
        WORDS.put(command, List.of(words));
    }

    @AfterAll
    static void end() throws Exception {
        network.close();
    }

    /// In the order of their names, those that end something last.
    private static List<String> commands() throws Exception {
        List<String> first = new ArrayList<>();
        List<String> last = new ArrayList<>();
        for (JSONObject row : TestNetwork.rows(node, "help")) {
            String name = row.getString("command");
            if (name.matches("(component|network|node|p2p|repo|shell):.*") && !LAST.contains(name)) {
                (name.startsWith("network:un") ? last : first).add(name);
            }
        }
        first.addAll(last);
        return first;
    }

    @Test
    void every_command_answers_with_times_in_iso_8601_and_durations_as_numbers() throws Exception {
        List<String> commands = commands();
        assertThat(commands).hasSizeGreaterThan(50).containsAll(WORDS.keySet());
        List<String> problems = new ArrayList<>();
        int answers = 0;
        for (String command : commands) {
            List<String> words = new ArrayList<>(List.of(command));
            words.addAll(WORDS.getOrDefault(command, List.of()));
            words.add("--json");
            Answer answer = node.send(words.toArray(String[]::new));
            List<String> wrong = new ArrayList<>();
            if (answer.exit() == 0 || !answer.out().isEmpty()) {
                answers++;
                for (String text : answer.out().lines().toList()) {
                    check(command, parse(text, wrong), wrong);
                }
            }
            if (answer.exit() != 0) {
                Object error = parse(answer.err(), wrong);
                if (!(error instanceof JSONObject told) || !told.has("error")) {
                    wrong.add("an error that is none: " + answer.err());
                }
            } else if (!answer.err().isEmpty()) {
                wrong.add("an error without a failure: " + answer.err());
            }
            wrong.forEach(text -> problems.add(String.join(" ", words) + ": " + text));
        }
        assertThat(problems).isEmpty();
        assertThat(answers).as("commands that did something").isGreaterThan(40);
    }

    @Test
    void what_a_test_of_them_looks_for_is_found() {
        for (String bad : List.of(
                "{\"since\":\"1331 s\"}",
                "{\"a\":[{\"x\":\"20 ms\"}]}",
                "{\"x\":\"PT5M\"}",
                "{\"signed\":\"yesterday\"}",
                "{\"signed\":5}",
                "{\"x\":\"2026-11-24 10:00:00\"}",
                "{\"uptime seconds\":\"5\"}")) {
            List<String> wrong = new ArrayList<>();
            check("", parse(bad, wrong), wrong);
            assertThat(wrong).as(bad).hasSize(1);
        }
        List<String> wrong = new ArrayList<>();
        check("", parse("{\"signed\":null,\"since\":\"2026-11-24T10:00:00Z\",\"uptime seconds\":5}", wrong), wrong);
        assertThat(wrong).isEmpty();
        parse("{\"half\":", wrong);
        parse("plain text", wrong);
        assertThat(wrong).hasSize(2);
    }

    private static Object parse(String text, List<String> wrong) {
        try {
            var tokens = new JSONTokener(text);
            Object value = tokens.nextValue();
            // Any word is a value to this parser.
            boolean quoted = !(value instanceof String) || text.startsWith("\"");
            if (!quoted || tokens.nextClean() != 0) {
                wrong.add("no JSON: " + text);
            }
            return value;
        } catch (JSONException e) {
            wrong.add("no JSON: " + text + ": " + e.getMessage());
            return JSONObject.NULL;
        }
    }

    private static void check(String name, Object value, List<String> wrong) {
        switch (value) {
            case JSONObject object -> object.keySet().forEach(key -> checkField(key, object.get(key), wrong));
            case JSONArray array -> {
                // Lines of the log are text, and begin with a time as people read it.
                if (!name.equals("log") && !name.equals("node:log")) {
                    array.forEach(one -> check(name, one, wrong));
                }
            }
            case String text -> {
                if (DURATION.matcher(text).matches()) {
                    wrong.add(name + " is a duration as text: " + text);
                } else if (DATE.matcher(text).matches() && !isTime(text)) {
                    wrong.add(name + " is a time, but not as in ISO 8601: " + text);
                }
            }
            default -> {}
        }
    }

    private static void checkField(String key, Object value, List<String> wrong) {
        if (TIMES.matcher(key).matches()
                && !(value == JSONObject.NULL || value instanceof String text && isTime(text))) {
            wrong.add(key + " is no time: " + value);
        } else if (DURATIONS.matcher(key).matches() && !(value instanceof Number)) {
            wrong.add(key + " is no number: " + value);
        } else {
            check(key, value, wrong);
        }
    }

    private static boolean isTime(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }
}
