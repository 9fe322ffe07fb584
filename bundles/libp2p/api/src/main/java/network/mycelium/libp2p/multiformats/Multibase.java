package network.mycelium.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// Bytes as text that tells its own base, as in multiformats/multibase.
public enum Multibase {
    BASE2("0", Kind.BITS, "01", 1),
    BASE8("7", Kind.BITS, "01234567", 3),
    BASE10("9", Kind.NUMBER, "0123456789", 0),
    BASE16("f", Kind.BITS, "0123456789abcdef", 4),
    BASE16_UPPER("F", Kind.BITS, "0123456789ABCDEF", 4),
    BASE32("b", Kind.BITS, "abcdefghijklmnopqrstuvwxyz234567", 5),
    BASE32_UPPER("B", Kind.BITS, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5),
    BASE32_PAD("c", Kind.PADDED, "abcdefghijklmnopqrstuvwxyz234567", 5),
    BASE32_PAD_UPPER("C", Kind.PADDED, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5),
    BASE32_HEX("v", Kind.BITS, "0123456789abcdefghijklmnopqrstuv", 5),
    BASE32_HEX_UPPER("V", Kind.BITS, "0123456789ABCDEFGHIJKLMNOPQRSTUV", 5),
    BASE32_HEX_PAD("t", Kind.PADDED, "0123456789abcdefghijklmnopqrstuv", 5),
    BASE32_HEX_PAD_UPPER("T", Kind.PADDED, "0123456789ABCDEFGHIJKLMNOPQRSTUV", 5),
    BASE32_Z("h", Kind.BITS, "ybndrfg8ejkmcpqxot1uwisza345h769", 5),
    BASE36("k", Kind.NUMBER, "0123456789abcdefghijklmnopqrstuvwxyz", 0),
    BASE36_UPPER("K", Kind.NUMBER, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0),
    BASE58_BTC("z", Kind.NUMBER, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 0),
    BASE58_FLICKR("Z", Kind.NUMBER, "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", 0),
    BASE64("m", Kind.BITS, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6),
    BASE64_PAD("M", Kind.PADDED, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6),
    BASE64_URL("u", Kind.BITS, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6),
    BASE64_URL_PAD("U", Kind.PADDED, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6),
    BASE256_EMOJI("🚀", Kind.BITS, emoji(), 8);

    private enum Kind {
        BITS,
        PADDED,
        NUMBER
    }

    /// A number's base costs the square of its length, so text of that kind is bounded.
    private static final int MAX_NUMBER_CHARS = 4096;

    private final String prefix;
    private final Kind kind;
    private final int[] alphabet;
    private final int bits;
    private final Map<Integer, Integer> values = new HashMap<>();

    Multibase(String prefix, Kind kind, String alphabet, int bits) {
        this.prefix = prefix;
        this.kind = kind;
        this.alphabet = alphabet.codePoints().toArray();
        this.bits = bits;
        for (int i = 0; i < this.alphabet.length; i++) {
            values.put(this.alphabet[i], i);
        }
        if (alphabet.equals(alphabet.toLowerCase(Locale.ROOT)) || alphabet.equals(alphabet.toUpperCase(Locale.ROOT))) {
            for (int i = 0; i < this.alphabet.length; i++) {
                values.putIfAbsent(Character.toLowerCase(this.alphabet[i]), i);
                values.putIfAbsent(Character.toUpperCase(this.alphabet[i]), i);
            }
        }
    }

    private static String emoji() {
        return "🚀🪐☄🛰🌌🌑🌒🌓🌔🌕🌖🌗🌘🌍🌏🌎🐉☀💻🖥💾💿😂❤😍🤣😊🙏💕😭😘👍"
                + "😅👏😁🔥🥰💔💖💙😢🤔😆🙄💪😉☺👌🤗💜😔😎😇🌹🤦🎉💞✌✨🤷😱😌🌸🙌😋💗"
                + "💚😏💛🙂💓🤩😄😀🖤😃💯🙈👇🎶😒🤭❣😜💋👀😪😑💥🙋😞😩😡🤪👊🥳😥🤤👉"
                + "💃😳✋😚😝😴🌟😬🙃🍀🌷😻😓⭐✅🥺🌈😈🤘💦✔😣🏃💐☹🎊💘😠☝😕🌺🎂🌻"
                + "😐🖕💝🙊😹🗣💫💀👑🎵🤞😛🔴😤🌼😫⚽🤙☕🏆🤫👈😮🙆🍻🍃🐶💁😲🌿🧡🎁⚡"
                + "🌞🎈❌✊👋😰🤨😶🤝🚶💰🍓💢🤟🙁🚨💨🤬✈🎀🍺🤓😙💟🌱😖👶🥴▶➡❓💎💸⬇😨"
                + "🌚🦋😷🕺⚠🙅😟😵👎🤲🤠🤧📌🔵💅🧐🐾🍒😗🤑🌊🤯🐷☎💧😯💆👆🎤🙇🍑❄🌴💣"
                + "🐸💌📍🥀🤢👅💡💩👐📸👻🤐🤮🎼🥵🚩🍎🍊👼💍📣🥂";
    }

    /// A decoded text.
    ///
    /// @param bytes not copied
    public record Decoded(Multibase base, byte[] bytes) {}

    /// With the prefix that names this base.
    public String encode(byte[] bytes) {
        return prefix + encodeBare(bytes);
    }

    /// Without the prefix.
    public String encodeBare(byte[] bytes) {
        return kind == Kind.NUMBER ? encodeNumber(bytes) : encodeBits(bytes);
    }

    /// @throws IllegalArgumentException if the base is unknown or the text is not of it
    public static Decoded decode(String text) {
        for (Multibase base : values()) {
            if (text.startsWith(base.prefix)) {
                return new Decoded(base, base.decodeBare(text.substring(base.prefix.length())));
            }
        }
        throw new IllegalArgumentException("No multibase begins like " + cut(text));
    }

    /// Text without the prefix.
    ///
    /// @throws IllegalArgumentException if the text is not of this base
    public byte[] decodeBare(String text) {
        return kind == Kind.NUMBER ? decodeNumber(text) : decodeBits(text);
    }

    private static String cut(String text) {
        return '"' + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + '"';
    }

    private int value(int symbol, String text) {
        Integer value = values.get(symbol);
        if (value == null) {
            throw new IllegalArgumentException(
                    "%s is not %s: it holds %s".formatted(cut(text), name(), Character.toString(symbol)));
        }
        return value;
    }

    private String encodeBits(byte[] bytes) {
        var out = new StringBuilder(bytes.length * 8 / bits + 8);
        int held = 0;
        int count = 0;
        for (byte b : bytes) {
            held = (held << 8 | b & 0xff) & 0xffff;
            count += 8;
            while (count >= bits) {
                count -= bits;
                out.appendCodePoint(alphabet[held >> count & (1 << bits) - 1]);
            }
        }
        if (count > 0) {
            out.appendCodePoint(alphabet[held << bits - count & (1 << bits) - 1]);
        }
        if (kind == Kind.PADDED) {
            int group = bits == 5 ? 8 : 4;
            while (out.length() % group != 0) {
                out.append('=');
            }
        }
        return out.toString();
    }

    private byte[] decodeBits(String given) {
        String text = given;
        if (kind == Kind.PADDED) {
            if (given.length() % (bits == 5 ? 8 : 4) != 0) {
                throw new IllegalArgumentException(cut(given) + " is not padded as " + name() + " is");
            }
            text = given.replaceAll("=+$", "");
        }
        var out = new ByteArrayOutputStream(text.length() * bits / 8 + 1);
        int held = 0;
        int count = 0;
        for (int symbol : (Iterable<Integer>) text.codePoints()::iterator) {
            held = (held << bits | value(symbol, given)) & 0xffff;
            count += bits;
            if (count >= 8) {
                count -= 8;
                out.write(held >> count & 0xff);
            }
        }
        if (count >= bits || (held & (1 << count) - 1) != 0) {
            throw new IllegalArgumentException(cut(given) + " has bits left over, so it is no " + name());
        }
        return out.toByteArray();
    }

    private String encodeNumber(byte[] bytes) {
        var radix = BigInteger.valueOf(alphabet.length);
        var out = new StringBuilder();
        for (var rest = new BigInteger(1, bytes); rest.signum() > 0; ) {
            BigInteger[] parts = rest.divideAndRemainder(radix);
            out.appendCodePoint(alphabet[parts[1].intValue()]);
            rest = parts[0];
        }
        for (int i = 0; i < bytes.length && bytes[i] == 0; i++) {
            out.appendCodePoint(alphabet[0]);
        }
        return out.reverse().toString();
    }

    private byte[] decodeNumber(String text) {
        if (text.length() > MAX_NUMBER_CHARS) {
            throw new IllegalArgumentException("Text of %s longer than %d".formatted(name(), MAX_NUMBER_CHARS));
        }
        var radix = BigInteger.valueOf(alphabet.length);
        var number = BigInteger.ZERO;
        int zeros = 0;
        for (int i = 0; i < text.length(); i++) {
            int value = value(text.charAt(i), text);
            if (value == 0 && zeros == i) {
                zeros++;
            }
            number = number.multiply(radix).add(BigInteger.valueOf(value));
        }
        byte[] signed = number.signum() == 0 ? new byte[0] : number.toByteArray();
        int skip = signed.length > 0 && signed[0] == 0 ? 1 : 0;
        byte[] bytes = new byte[zeros + signed.length - skip];
        System.arraycopy(signed, skip, bytes, zeros, signed.length - skip);
        return bytes;
    }
}
