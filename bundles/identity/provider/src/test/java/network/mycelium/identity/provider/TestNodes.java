package network.mycelium.identity.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import network.mycelium.identity.Charters;
import network.mycelium.node.command.Access;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// The nodes of one test, each in a folder named like it; closed after it.
abstract class TestNodes {
    @TempDir
    Path temp;

    final List<TestNode> nodes = new ArrayList<>();
    /// Of the network that was made last.
    List<String> codes = List.of();

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
        codes = founder.identity.init("test", true).codes();
        return founder;
    }

    /// A member that is an operator as well, by a code of the network that was made last.
    TestNode operator(TestNode founder, String name) throws Exception {
        TestNode member = joined(founder, name, Access.STANDARD);
        add(founder, member, name);
        return member;
    }

    /// Makes it an operator, and waits until it knows.
    void add(TestNode founder, TestNode member, String name) throws Exception {
        var proposal =
                founder.charters.propose(new Charters.Change.Add(name, member.swarm.id()), List.of(codes.getFirst()));
        assertThat(proposal.missing()).isZero();
        await().until(() ->
                member.charters.present().hash().equals(proposal.charter().hash()));
    }

    TestNode joined(TestNode founder, String name, Access access) throws Exception {
        TestNode member = node(name);
        member.identity.join(founder.invite(1, access), name);
        return member;
    }
}
