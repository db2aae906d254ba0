namespace PgFast.Files;

/// <summary>Numbers kept to the last bit in a tensor, whatever they are: the bits as whole numbers that single precision holds exactly.</summary>
/// <remarks>
/// A safetensors file of this project has finite single-precision values only. Sums in double precision, counts, and parameters that may have become non-finite are
/// therefore cut into pieces of at most 24 bits, the most significant first, along a last axis: two of 16 for 32 bits, three of 24, 24 and 16 for 64.
/// </remarks>
internal static class TensorBits
{
    private const int WordPieces = 2, LongPieces = 3;

    public static SafeTensor Of(string name, int rows, int columns, float[] values)
    {
        float[] pieces = new float[checked(values.Length * WordPieces)];
        for (int i = 0; i < values.Length; i++)
            Split(BitConverter.SingleToUInt32Bits(values[i]), pieces, i);
        return SafeTensor.Adopt(name, [rows, columns, WordPieces], pieces);
    }

    public static SafeTensor Of(string name, int[] counts)
    {
        float[] pieces = new float[checked(counts.Length * WordPieces)];
        for (int i = 0; i < counts.Length; i++)
            Split((uint)counts[i], pieces, i);
        return SafeTensor.Adopt(name, [counts.Length, WordPieces], pieces);
    }

    public static SafeTensor Of(string name, double[] values)
    {
        float[] pieces = new float[checked(values.Length * LongPieces)];
        for (int i = 0; i < values.Length; i++)
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(values[i]);
            pieces[i * LongPieces] = bits >> 40;
            pieces[i * LongPieces + 1] = (bits >> 16) & 0xFFFFFF;
            pieces[i * LongPieces + 2] = bits & 0xFFFF;
        }

        return SafeTensor.Adopt(name, [values.Length, LongPieces], pieces);
    }

    /// <exception cref="SafeTensorsException">The tensor is missing, or holds no such numbers.</exception>
    public static float[] Singles(SafeTensors document, string name) =>
        [.. Words(document, name).Select(BitConverter.UInt32BitsToSingle)];

    /// <exception cref="SafeTensorsException">The tensor is missing, or holds no such numbers.</exception>
    public static int[] Counts(SafeTensors document, string name) => [.. Words(document, name).Select(word => unchecked((int)word))];

    /// <exception cref="SafeTensorsException">The tensor is missing, or holds no such numbers.</exception>
    public static double[] Doubles(SafeTensors document, string name)
    {
        ReadOnlySpan<float> pieces = Pieces(document, name, LongPieces);
        double[] values = new double[pieces.Length / LongPieces];
        for (int i = 0; i < values.Length; i++)
        {
            ulong high = Whole(name, pieces[i * LongPieces], 24), middle = Whole(name, pieces[i * LongPieces + 1], 24);
            values[i] = BitConverter.UInt64BitsToDouble(high << 40 | middle << 16 | Whole(name, pieces[i * LongPieces + 2], 16));
        }

        return values;
    }

    private static uint[] Words(SafeTensors document, string name)
    {
        ReadOnlySpan<float> pieces = Pieces(document, name, WordPieces);
        uint[] words = new uint[pieces.Length / WordPieces];
        for (int i = 0; i < words.Length; i++)
            words[i] = (uint)(Whole(name, pieces[i * WordPieces], 16) << 16 | Whole(name, pieces[i * WordPieces + 1], 16));
        return words;
    }

    private static void Split(uint bits, float[] pieces, int index)
    {
        pieces[index * WordPieces] = bits >> 16;
        pieces[index * WordPieces + 1] = bits & 0xFFFF;
    }

    private static ReadOnlySpan<float> Pieces(SafeTensors document, string name, int count)
    {
        SafeTensor tensor = document.Find(name) ?? throw new SafeTensorsException($"The tensor {name} is missing.");
        return tensor.Shape.Length > 0 && tensor.Shape[^1] == count
            ? tensor.Values
            : throw new SafeTensorsException($"{name} should have {count} pieces a number along its last axis; it is {tensor.ShapeText}.");
    }

    private static ulong Whole(string name, float piece, int bits)
    {
        ulong value = piece >= 0 && piece < 1 << bits ? (ulong)piece : ulong.MaxValue;
        return value == piece ? value : throw new SafeTensorsException($"{name} holds {piece}, which is no whole number of {bits} bits.");
    }
}
