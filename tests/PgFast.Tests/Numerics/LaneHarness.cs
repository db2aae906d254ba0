using PgFast.Numerics;

namespace PgFast.Tests.Numerics;

/// <summary>A computation on lanes, written once and run at every width.</summary>
internal interface ILaneOperation
{
    static abstract TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>Runs lane operations at 1, 4, 8 and 16 lanes, and supplies inputs that are likely to break them.</summary>
internal static unsafe class LaneHarness
{
    public static readonly int[] Widths = [1, 4, 8, 16];

    /// <summary>Zeros, denormals, halves, the edges of every reduction, extremes, infinities, NaNs, integer patterns.</summary>
    public static readonly float[] SpecialValues =
    [
        0f, -0f, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.17549421e-38f, 1.17549435e-38f, -1.17549435e-38f, 1e-20f, -1e-20f,
        0.25f, -0.25f, 0.5f, -0.5f, 0.785398f, 0.99999994f, 1f, -1f, 1.00000012f, 1.5f, -2.5f, 3.5f, -3.14159274f, 9f, -9f, 42f,
        86.9899f, -86.9899f, -86.99f, -87.5f, 88.72283f, 88.72284f, 89f, -103f, 8388607.5f, 8388609f, 131072f, 131072.016f, -131072.016f,
        1e10f, -1e10f, 1e30f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, -float.NaN,
        BitConverter.Int32BitsToSingle(0x7FC12345), BitConverter.Int32BitsToSingle(0x12345678), BitConverter.Int32BitsToSingle(-2),
        BitConverter.Int32BitsToSingle(0x5A5A5A5A), BitConverter.Int32BitsToSingle(unchecked((int)0xA5A5A5A5)),
    ];

    /// <summary>Every ordered pair of special values with a third one, then random bit patterns; a multiple of 16 each.</summary>
    public static (float[] X, float[] Y, float[] Z) Inputs(int randomCount = 16_384)
    {
        List<float> x = [], y = [], z = [];
        int count = SpecialValues.Length;
        for (int i = 0; i < count * count; i++)
        {
            x.Add(SpecialValues[i / count]);
            y.Add(SpecialValues[i % count]);
            z.Add(SpecialValues[(i * 7 + i / count) % count]);
        }

        Random random = new(20_260_101);
        while (x.Count < randomCount || x.Count % 16 != 0)
        {
            // A third each: any bits, moderate numbers, integers near each other.
            x.Add(Draw(random));
            y.Add(Draw(random));
            z.Add(Draw(random));
        }

        return ([.. x], [.. y], [.. z]);
    }

    public static float[] Run<TOperation>(int width, float[] x, float[] y, float[] z) where TOperation : ILaneOperation => width switch
    {
        1 => Run<TOperation, Lanes1>(x, y, z),
        4 => Run<TOperation, Lanes4>(x, y, z),
        8 => Run<TOperation, Lanes8>(x, y, z),
        _ => Run<TOperation, Lanes16>(x, y, z),
    };

    public static float[] Run<TOperation>(int width, float[] x) where TOperation : ILaneOperation => Run<TOperation>(width, x, x, x);

    /// <summary>Equal bits; any NaN equals any other unless <paramref name="exactNaN"/>.</summary>
    public static bool Same(float expected, float actual, bool exactNaN = false) =>
        BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual)
        || (!exactNaN && float.IsNaN(expected) && float.IsNaN(actual));

    public static string Show(float value) => $"{value:R} (0x{BitConverter.SingleToInt32Bits(value):X8})";

    private static float[] Run<TOperation, TLanes>(float[] x, float[] y, float[] z)
        where TOperation : ILaneOperation
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Assert.Equal(0, x.Length % TLanes.Count);
        float[] result = new float[x.Length];
        fixed (float* px = x, py = y, pz = z, pr = result)
        {
            for (int i = 0; i < x.Length; i += TLanes.Count)
                TLanes.Store(TOperation.Apply(TLanes.Load(px + i), TLanes.Load(py + i), TLanes.Load(pz + i)), pr + i);
        }

        return result;
    }

    private static float Draw(Random random) => random.Next(3) switch
    {
        0 => BitConverter.Int32BitsToSingle((int)random.NextInt64(int.MinValue, 1L << 31)),
        1 => (float)((random.NextDouble() - 0.5) * 200),
        _ => BitConverter.Int32BitsToSingle(random.Next(-40, 40)),
    };
}
