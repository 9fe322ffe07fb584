package network.mycelium.itests;

/// The seed of a randomised test: from `-Dseed=N`, else new each time. Printed, so that a failure can be
/// replayed.
final class Seeds {
    private Seeds() {}

    static long seed(String test) {
        String given = System.getProperty("seed", "");
        long seed = given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
        System.out.println(test + ": replay with -Dseed=" + seed);
        return seed;
    }

    static int rounds(String property, int otherwise) {
        return Integer.getInteger(property, otherwise);
    }
}
