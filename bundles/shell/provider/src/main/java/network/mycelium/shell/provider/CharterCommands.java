package network.mycelium.shell.provider;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import network.mycelium.identity.Charters;
import network.mycelium.identity.Charters.Change;
import network.mycelium.identity.Charters.Charter;
import network.mycelium.identity.Charters.Effect;
import network.mycelium.identity.Charters.Keep;
import network.mycelium.identity.Charters.Operator;
import network.mycelium.identity.Charters.Proposal;
import network.mycelium.identity.NetworkIdentity;
import network.mycelium.identity.Statement;
import network.mycelium.libp2p.PeerId;
import network.mycelium.node.command.Arguments;
import network.mycelium.node.command.Command;
import network.mycelium.node.command.CommandGroup;
import network.mycelium.node.command.CommandList;
import network.mycelium.node.command.Table;
import network.mycelium.node.command.UsageException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/// `network:charter` who speaks for the network: its operators, and how many must sign what.
@Component(service = CommandGroup.class)
public final class CharterCommands implements CommandGroup {
    private static final int BRIEF = 12;
    private static final int MAX_LISTED = 50;
    private static final int MAX_CODES = 16;
    private static final String USAGE = """
        [log | add NAME [PEER] | remove NAME --keep KEEP [--stay] | replace NAME PEER --keep KEEP
         | rule KIND N|quorum [--validators NAME,...] | close | rebase HASH | pin HASH | check-code
         | new-codes [N] --recovery-file FILE | sign HASH | export HASH FILE | import FILE] [--code FILE|-] [--preview]
        KEEP: all, none, before:TIME (by when this node got it), or a FILE with a line KIND KEY for each;
        revocations stay unless --drop-revocations\
        """;

    private final NetworkIdentity identity;

    // Only while the node is in a network.
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    volatile Charters charters;

    @Activate
    public CharterCommands(@Reference NetworkIdentity identity) {
        this.identity = identity;
    }

    @Override
    public CommandList commands() {
        return CommandList.of(
                        "network",
                        List.of(
                                Command.of("charter", USAGE, "Who speaks for the network, and changes to that", 0, 4)
                                        .with(
                                                List.of("--preview", "--stay", "--drop-revocations"),
                                                List.of("--code", "--keep", "--validators", "--recovery-file")),
                                Command.of(
                                                "sign",
                                                "FILE [--code FILE|-]",
                                                "Show what an exported charter says, and sign it by recovery codes",
                                                1,
                                                1)
                                        .valued("--code")))
                .usesKey("charter")
                .localOnly("sign");
    }

    @Override
    public Object run(String command, Arguments a, PrintStream out) throws Exception {
        if (command.equals("sign")) {
            return signExported(Path.of(a.word(0)), NetworkArguments.codes(a));
        }
        Charters office = NetworkArguments.needed(charters);
        return switch (a.word(0, "")) {
            case "" -> present(office);
            case "log" -> log(office);
            case "add" -> change(office, add(a), a, out);
            case "remove" ->
                change(office, new Change.Remove(operator(office, a.word(1)), keep(a), a.has("--stay")), a, out);
            case "replace" ->
                change(
                        office,
                        new Change.Replace(operator(office, a.word(1)), a.word(2, PeerId::parse), keep(a)),
                        a,
                        out);
            case "rule" -> change(office, rule(a), a, out);
            case "close" -> change(office, new Change.Close(), a, out);
            case "rebase" -> change(office, new Change.Rebase(a.word(1)), a, out);
            case "sign" -> sign(office, a, out);
            case "pin" -> pin(office, a.word(1));
            case "new-codes" -> newCodes(office, a, out);
            case "check-code" -> checkCode(office, a);
            case "export" -> export(office, a.word(1), a.word(2));
            case "import" -> state(office.take(Files.readAllBytes(Path.of(a.word(1)))));
            default -> throw new UsageException("A charter cannot be %s.\n%s".formatted(a.word(0), USAGE));
        };
    }

    private static Object present(Charters office) {
        return Table.single(values(office.present(), office.alarms()));
    }

    private static Map<String, Object> values(Charter charter, List<String> alarms) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("version", charter.version());
        values.put("hash", charter.hash());
        values.put("made", charter.made().toString());
        values.put(
                "operators",
                charter.operators().stream()
                        .map(o -> "%s %s since version %d".formatted(o.name(), o.peer(), o.since()))
                        .toList());
        values.put(
                "recovery keys",
                charter.recovery().stream().map(PeerId::toString).toList());
        values.put("next charter takes", charter.threshold());
        int holders = charter.operators().size() + charter.recovery().size();
        values.put("keys that may be lost", holders - charter.threshold());
        values.put(
                "rules",
                charter.rules().stream()
                        .map(r -> "%s: %s%s"
                                .formatted(
                                        r.kind(),
                                        r.operators() == 0 ? "quorum" : Integer.toString(r.operators()),
                                        r.once() ? ", once" : ""))
                        .toList());
        values.put(
                "validators",
                charter.validators().stream().map(PeerId::toString).toList());
        values.put("lists that stand", charter.roots().size());
        values.put("closed before version", charter.floor());
        values.put("alarms", alarms);
        return values;
    }

    private static Object log(Charters office) {
        Table table = Table.of("version", "hash", "made", "operators", "takes", "state");
        office.path().forEach(charter -> row(table, charter, "holds"));
        office.proposals()
                .forEach(p -> row(
                        table,
                        p.charter(),
                        "%d missing; signed by %s"
                                .formatted(
                                        p.missing(),
                                        p.signers().stream().map(PeerId::brief).collect(Collectors.joining(", ")))));
        office.rivals().forEach(charter -> row(table, charter, "lost"));
        return table;
    }

    private static void row(Table table, Charter charter, String state) {
        table.row(
                charter.version(),
                charter.hash().substring(0, BRIEF),
                charter.made(),
                charter.operators().stream().map(Operator::name).toList(),
                charter.threshold(),
                state);
    }

    private Change add(Arguments a) {
        String name = a.word(1);
        PeerId peer = a.word(2, "").isEmpty() ? NetworkArguments.member(identity, name) : a.word(2, PeerId::parse);
        String called = identity.member(peer).map(m -> m.name()).orElse(name);
        return new Change.Add(called, peer);
    }

    private static PeerId operator(Charters office, String nameOrPeer) {
        return office.present().operators().stream()
                .filter(o -> o.name().equals(nameOrPeer) || o.peer().toString().equals(nameOrPeer))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "There is no operator %s; `network charter` shows them.".formatted(nameOrPeer)))
                .peer();
    }

    private Change rule(Arguments a) {
        String number = a.word(2);
        List<PeerId> validators = a.has("--validators")
                ? NetworkArguments.list(a.option("--validators", "")).stream()
                        .map(name -> NetworkArguments.member(identity, name))
                        .toList()
                : null;
        return new Change.Decide(a.word(1), number.equals("quorum") ? 0 : Integer.parseInt(number), validators);
    }

    private static Keep keep(Arguments a) throws IOException {
        boolean revocations = !a.has("--drop-revocations");
        String what = a.option("--keep", "");
        if (what.isEmpty()) {
            throw new UsageException("Say what stands of what it said: --keep all, none, before:TIME or FILE.");
        }
        if (what.equals("all")) {
            return new Keep(null, null, revocations);
        }
        if (what.equals("none")) {
            return new Keep(null, Set.of(), revocations);
        }
        if (what.startsWith("before:")) {
            try {
                return new Keep(Instant.parse(what.substring("before:".length())), null, revocations);
            } catch (DateTimeParseException e) {
                throw new UsageException("A time is like 2026-05-01T12:00:00Z, not " + what, e);
            }
        }
        return new Keep(null, Set.copyOf(Files.readAllLines(Path.of(what))), revocations);
    }

    private static Object change(Charters office, Change change, Arguments a, PrintStream out) throws Exception {
        return change(office, change, NetworkArguments.codes(a), a, out);
    }

    private static Object change(Charters office, Change change, List<String> codes, Arguments a, PrintStream out)
            throws Exception {
        show(office.preview(change), out, a.has("--json"));
        return a.has("--preview") ? null : state(office.propose(change, codes));
    }

    /// The codes are on the disk before the charter that names them can hold.
    private static Object newCodes(Charters office, Arguments a, PrintStream out) throws Exception {
        String file = a.option("--recovery-file", "");
        if (file.isEmpty()) {
            throw new UsageException("Say where the new codes go: --recovery-file FILE.");
        }
        int number = Integer.parseInt(
                a.word(1, Integer.toString(office.present().recovery().size())));
        if (number < 0 || number > MAX_CODES) {
            throw new UsageException("At most %d codes at once, not %d".formatted(MAX_CODES, number));
        }
        List<Charters.RecoveryCode> codes = office.newCodes(number);
        if (!a.has("--preview")) {
            Files.write(
                    NetworkArguments.ownersFile(Path.of(file)),
                    codes.stream().map(Charters.RecoveryCode::words).toList());
        }
        var change = new Change.Recovery(
                codes.stream().map(Charters.RecoveryCode::key).toList());
        // The charter is theirs, too: most of those whom it names sign it.
        List<String> signing = new ArrayList<>(NetworkArguments.codes(a));
        codes.forEach(code -> signing.add(code.words()));
        Object state = change(office, change, signing, a, out);
        return state == null ? null : state + " The new codes are in %s; keep them off this machine.".formatted(file);
    }

    private Object signExported(Path file, List<String> codes) throws Exception {
        NetworkIdentity.ExportedCharter exported = identity.signExported(Files.readAllBytes(file), codes);
        if (!codes.isEmpty()) {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(fresh, exported.file());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
        Map<String, Object> values = values(exported.charter(), List.of());
        values.remove("alarms");
        values.put(
                "signed by", exported.signers().stream().map(PeerId::toString).toList());
        return Table.single(values);
    }

    private static Object sign(Charters office, Arguments a, PrintStream out) throws Exception {
        if (!a.has("--json")) {
            office.undoes(a.word(1))
                    .forEach(other -> out.printf(
                            "This node signed %s for the same charter. That one may already hold where you cannot see;"
                                    + " this one undoes it there.%n",
                            other.substring(0, BRIEF)));
        }
        boolean holds =
                office.path().stream().anyMatch(charter -> charter.hash().startsWith(a.word(1)));
        if (!holds) {
            show(office.preview(a.word(1)), out, a.has("--json"));
        }
        return a.has("--preview") ? null : state(office.sign(a.word(1), NetworkArguments.codes(a)));
    }

    private static void show(Effect effect, PrintStream out, boolean quiet) {
        if (quiet) {
            return;
        }
        list("Falls", effect.falls(), out);
        list("Comes back", effect.comesBack(), out);
        out.println(
                effect.mayBeLost() == 0
                        ? "Once it holds, no key may be lost: one more loss, and nobody can amend it."
                        : "Once it holds, %d of its keys may be lost.".formatted(effect.mayBeLost()));
    }

    private static void list(String title, List<Statement> all, PrintStream out) {
        all.stream()
                .limit(MAX_LISTED)
                .forEach(s -> out.printf("%s: %s %s, number %d%n", title, s.kind(), s.key(), s.sequence()));
        if (all.size() > MAX_LISTED) {
            out.printf("%s: %d more%n", title, all.size() - MAX_LISTED);
        }
    }

    private static String state(Proposal proposal) {
        String hash = proposal.charter().hash().substring(0, BRIEF);
        return proposal.missing() == 0
                ? "Charter %d (%s) holds now.".formatted(proposal.charter().version(), hash)
                : "Charter %d (%s) lacks %d signatures: `network charter sign %s` on other operators' nodes, or --code."
                        .formatted(proposal.charter().version(), hash, proposal.missing(), hash);
    }

    private static Object pin(Charters office, String hash) throws Exception {
        office.pin(hash);
        return "This node follows no charter but %s in its place.".formatted(hash.toLowerCase(Locale.ROOT));
    }

    private static Object checkCode(Charters office, Arguments a) throws Exception {
        List<String> codes = a.has("--code") ? NetworkArguments.codes(a) : List.of(a.firstLineOf("-"));
        for (String code : codes) {
            if (!office.checkCode(code)) {
                throw new IllegalArgumentException("A code is none of the present charter's.");
            }
        }
        return codes.size() + " of the present charter's recovery codes.";
    }

    private static Object export(Charters office, String hash, String file) throws Exception {
        Files.write(Path.of(file), office.export(hash));
        return "Written to %s; `network charter import` takes it back when it was signed.".formatted(file);
    }
}
