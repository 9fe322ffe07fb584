package network.mycelium.identity.provider;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.Member.Access;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// The nodes of one test, each in a folder named like it; closed after it.
abstract class TestNodes {
    @TempDir
    Path temp;

    final List<TestNode> nodes = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(TestNode::close);
    }

    TestNode node(String name, Duration clockAhead) throws IOException {
        var node = new TestNode(temp.resolve(name), clockAhead);
        nodes.add(node);
        return node;
    }

    TestNode node(String name) throws IOException {
        return node(name, Duration.ZERO);
    }

    /// A network with nobody else in it yet.
    TestNode founder() throws Exception {
        TestNode founder = node("founder" + nodes.size());
        founder.identity.init("test", 1);
        return founder;
    }

    TestNode joined(TestNode founder, String name, Access access) throws Exception {
        TestNode member = node(name);
        member.identity.join(founder.invite(1, access), name);
        return member;
    }
}
