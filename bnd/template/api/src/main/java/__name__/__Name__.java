package __name__;

import org.osgi.annotation.versioning.ProviderType;

/// The service that this capability offers. Safe from any thread.
@ProviderType
public interface __Name__ {
    /// Answers a question.
    String answer(String question);
}
