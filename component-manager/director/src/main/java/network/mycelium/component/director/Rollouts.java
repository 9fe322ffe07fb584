package network.mycelium.component.director;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import network.mycelium.component.Directive;
import network.mycelium.component.Directive.Rollout;
import network.mycelium.component.Director.Running;

/// Whose turn it is when versions change in waves. Each node works it out from what the nodes say of
/// themselves: a wave goes when those before it have run the new version well for the window; when too many
/// failed, all go back, and stay there until there is a newer directive. When too many fell silent in their
/// window all go back too, until those are heard again: after a partition it goes on. Time is handed in; one
/// thread at a time.
final class Rollouts {
    private static final Logger LOG = System.getLogger(Rollouts.class.getName());

    /// Where a node keeps what it must remember; on the disk when it returns.
    interface Keeper {
        void keep(Collection<Trial> all) throws IOException;
    }

    /// @param directive what to run now: the directive's versions, or those before
    /// @param course why not the directive's versions, or empty
    record Decision(Directive directive, String course) {}

    private final Keeper keeper;
    private final long boot;
    private final Supplier<Optional<String>> trouble;
    /// By component.
    private final Map<String, Trial> trials = new TreeMap<>();
    private final Map<String, Survey> surveys = new HashMap<>();

    /// @param kept what was kept before this node started
    /// @param boot which start of the node this is: another number for each
    /// @param trouble what is wrong with this node as a whole, if anything is
    Rollouts(Collection<Trial> kept, Keeper keeper, long boot, Supplier<Optional<String>> trouble) {
        this.keeper = keeper;
        this.boot = boot;
        this.trouble = trouble;
        kept.forEach(trial -> trials.put(trial.component(), trial.resumed(boot)));
        if (!trials.isEmpty()) {
            keepOrWarn();
        }
    }

    /// Forgets all others.
    void follow(Collection<Directive> all) {
        Set<String> rolledOut = new HashSet<>();
        all.stream().filter(d -> d.rollout().isPresent()).forEach(d -> rolledOut.add(d.component()));
        surveys.keySet().retainAll(rolledOut);
        if (trials.keySet().retainAll(rolledOut)) {
            keepOrWarn();
        }
    }

    /// This node tried, and failed.
    void reject(Directive directive, String why) {
        Trial trial = trial(directive);
        if (trial.rejected().isEmpty()) {
            put(trial.rejects(why));
            LOG.log(Level.WARNING, "{0} is rejected here: {1}", directive.spec(), why);
        }
    }

    private Trial trial(Directive directive) {
        Trial known = trials.get(directive.component());
        if (known == null || !known.versions().equals(directive.versions())) {
            return Trial.of(directive);
        }
        // Said again, to pause it or to try once more: what is on trial still is.
        return known.sequence() == directive.sequence() ? known : known.saidAgain(directive);
    }

    /// What this node should run now of a directive that is placed on it.
    ///
    /// @param placed peer ids of the living on which it should run
    Decision now(Directive directive, Set<String> placed, NetworkView view) {
        if (directive.rollout().isEmpty()) {
            return new Decision(directive, "");
        }
        Rollout rollout = directive.rollout().get();
        Directive back = directive.at(rollout.from());
        Survey survey = surveys.computeIfAbsent(directive.component(), c -> new Survey());
        survey.follow(directive, rollout);
        survey.look(view, placed);
        Trial trial = trial(directive);
        if (!trial.rejected().isEmpty()) {
            return new Decision(back, "rejected: " + trial.rejected());
        }
        if (trial.halted().isEmpty() && survey.failed() > rollout.failures()) {
            trial = trial.halts(survey.failures(view));
            put(trial);
        }
        if (!trial.halted().isEmpty()) {
            return new Decision(back, "halted: " + trial.halted());
        }
        if (survey.failed() + survey.vanished() > rollout.failures()) {
            endTrial(trial);
            return new Decision(back, "stopped: " + survey.failures(view));
        }
        Heard self = view.living().get(view.self());
        return self != null && survey.runsNew(self)
                ? stay(directive, back, trial, survey, view)
                : go(directive, back, trial, survey, view);
    }

    private Decision stay(Directive directive, Directive back, Trial trial, Survey survey, NetworkView view) {
        if (survey.isThrough(view.self())) {
            endTrial(trial);
        }
        Optional<String> why = survey.isUnderWay() ? trouble.get() : Optional.empty();
        why.ifPresent(problem -> reject(directive, problem));
        return why.map(problem -> new Decision(back, "rejected: " + problem)).orElse(new Decision(directive, ""));
    }

    private Decision go(Directive directive, Directive back, Trial trial, Survey survey, NetworkView view) {
        if (!view.settled()) {
            return new Decision(back, "this node has not heard the network since it started");
        }
        if (directive.rollout().orElseThrow().paused()) {
            return new Decision(back, "paused");
        }
        if (!survey.isTurnOf(view.self())) {
            endTrial(trial);
            return new Decision(back, survey.waitsFor(view, view.self()));
        }
        if (trial.starts() == 0) {
            Trial begun = trial.begins(boot);
            Trial before = trials.put(begun.component(), begun);
            try {
                keeper.keep(trials.values());
            } catch (IOException e) {
                restore(begun.component(), before);
                return new Decision(back, "this node cannot keep on disk that it tries the version: " + e.getMessage());
            }
        }
        return new Decision(directive, "");
    }

    private void endTrial(Trial trial) {
        if (trial.starts() > 0) {
            put(trial.over());
        }
    }

    private void restore(String component, Trial before) {
        if (before == null) {
            trials.remove(component);
        } else {
            trials.put(component, before);
        }
    }

    private void put(Trial trial) {
        if (!trial.equals(trials.put(trial.component(), trial))) {
            keepOrWarn();
        }
    }

    private void keepOrWarn() {
        try {
            keeper.keep(trials.values());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what became of roll-outs here is not kept on disk: " + e.getMessage(), e);
        }
    }

    /// What this node tells the others of its own experience.
    List<Running> report() {
        List<Running> all = new ArrayList<>();
        for (Trial trial : trials.values()) {
            String number = Long.toString(trial.sequence());
            if (!trial.rejected().isEmpty()) {
                all.add(new Running(trial.component(), number, NodeState.REJECTED, trial.rejected()));
            }
            if (!trial.halted().isEmpty()) {
                all.add(new Running(trial.component(), number, NodeState.HALTED, trial.halted()));
            }
        }
        return all;
    }

    /// The node ends in good order: not by the fault of what it tries.
    void close() {
        if (trials.values().stream().anyMatch(trial -> trial.starts() > 0)) {
            trials.replaceAll((component, trial) -> trial.ends());
            keepOrWarn();
        }
    }
}
