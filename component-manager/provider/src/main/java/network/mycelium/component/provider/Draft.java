package network.mycelium.component.provider;

import java.util.List;
import java.util.Optional;
import network.mycelium.component.Plan;
import network.mycelium.component.provider.NodeSet.ComponentRecord;
import network.mycelium.repository.BundleRef;
import org.osgi.framework.Bundle;

/// A plan with all that is needed to carry it out.
///
/// @param subject the component after the change, with the bundles that it is expected to have; empty if it goes
/// @param replaced the component that goes or is replaced
/// @param install in the order of their start
/// @param remove in the order of their stop
/// @param replaceFirst the old bundles must stop before the new ones start, because both are singletons
record Draft(
        Plan plan,
        Optional<ComponentRecord> subject,
        Optional<ComponentRecord> replaced,
        List<BundleRef> install,
        List<Bundle> remove,
        boolean replaceFirst) {

    /// The same, after which the component that goes stays in the set as this record.
    Draft keeping(ComponentRecord record) {
        return new Draft(plan, Optional.of(record), Optional.empty(), install, remove, replaceFirst);
    }
}
