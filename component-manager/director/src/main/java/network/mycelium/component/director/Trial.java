package network.mycelium.component.director;

import java.util.ArrayList;
import java.util.List;
import network.mycelium.component.Directive;
import network.mycelium.libp2p.core.wire.ProtoReader;
import network.mycelium.libp2p.core.wire.ProtoWriter;

/// What a node must remember of a roll-out when it starts again.
///
/// @param sequence number of the directive
/// @param rejected why the node went back, or empty
/// @param halted why the roll-out is over for it, or empty
/// @param starts how often the node has started with the new version on trial; 0: none is
/// @param boot the start of the node that was the last of those
/// @param ended whether it ended in good order since
record Trial(
        String component,
        long sequence,
        String versions,
        String rejected,
        String halted,
        int starts,
        long boot,
        boolean ended) {
    /// A core that is updated ends the node's framework in good order, and once more if it must go back.
    static final int MAX_STARTS = 3;

    private static final int FORMAT = 1;
    private static final int MAX_TRIALS = 1024;

    static Trial of(Directive directive) {
        return new Trial(directive.component(), directive.sequence(), directive.versions(), "", "", 0, 0, false);
    }

    /// By a directive that only says the same again: what is on trial still is.
    Trial saidAgain(Directive directive) {
        return new Trial(component, directive.sequence(), versions, "", "", starts, boot, ended);
    }

    Trial rejects(String why) {
        return new Trial(component, sequence, versions, rejected.isEmpty() ? why : rejected, halted, 0, 0, false);
    }

    Trial halts(String why) {
        return new Trial(component, sequence, versions, rejected, why, 0, 0, false);
    }

    /// The version is on trial from this start of the node on, the first or one more.
    Trial begins(long now) {
        return new Trial(component, sequence, versions, rejected, halted, starts + 1, now, false);
    }

    /// None is on trial any more.
    Trial over() {
        return new Trial(component, sequence, versions, rejected, halted, 0, 0, false);
    }

    Trial ends() {
        return new Trial(component, sequence, versions, rejected, halted, starts, boot, starts > 0);
    }

    /// After the node has started again. Whatever ended it while it tried the version may have been the
    /// version.
    ///
    /// @param now which start of the node this is; the same as before if only what decides was made anew
    Trial resumed(long now) {
        if (starts == 0 || boot == now) {
            return this;
        }
        return ended && starts < MAX_STARTS
                ? begins(now)
                : rejects("the node ended within the window after it took %s".formatted(versions));
    }

    static byte[] toBytes(Iterable<Trial> all) {
        var out = new ProtoWriter().varint(1, FORMAT);
        for (Trial one : all) {
            out.message(
                    2,
                    new ProtoWriter()
                            .text(1, one.component)
                            .varint(2, one.sequence)
                            .text(3, one.versions)
                            .text(4, one.rejected)
                            .text(5, one.halted)
                            .varint(6, one.starts)
                            .varint(7, one.ended ? 1 : 0)
                            .varint(8, one.boot));
        }
        return out.toBytes();
    }

    /// @throws IllegalArgumentException if it is not what [#toBytes] wrote
    static List<Trial> parse(byte[] bytes) {
        var in = new ProtoReader(bytes);
        long format = 0;
        List<Trial> all = new ArrayList<>();
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1 -> format = in.varint();
                case 2 -> all.add(one(in.message()));
                default -> {}
            }
        }
        if (format != FORMAT || all.size() > MAX_TRIALS) {
            throw new IllegalArgumentException("it has the format %d, and is to have %d".formatted(format, FORMAT));
        }
        return all;
    }

    private static Trial one(ProtoReader in) {
        String[] texts = {"", "", "", "", "", ""};
        long[] numbers = new long[9];
        for (int field; (field = in.next()) != 0; ) {
            switch (field) {
                case 1, 3, 4, 5 -> texts[field] = in.text();
                case 2, 6, 7, 8 -> numbers[field] = in.varint();
                default -> {}
            }
        }
        Versions.parse(texts[3]);
        return new Trial(
                Versions.checkName(texts[1]),
                numbers[2],
                texts[3],
                texts[4],
                texts[5],
                Math.clamp(numbers[6], 0, MAX_STARTS),
                numbers[8],
                numbers[7] != 0);
    }
}
