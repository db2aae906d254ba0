using PgFast.Randomness;

namespace PgFast.Tests.Support;

/// <summary>Test data: numbers that depend on a seed and their place alone, the same on every machine.</summary>
internal sealed class Noise(ulong seed)
{
    private ulong _index;

    /// <summary>Uniform in (low, high).</summary>
    public float Next(float low, float high) => low + (high - low) * Philox.Uniform(Word());

    /// <summary>Uniform in low … high − 1.</summary>
    public int Next(int low, int high) => low + (int)((ulong)Word() * (ulong)(high - low) >> 32);

    /// <summary>A random word.</summary>
    public uint Word() => Philox.Generate(seed, RandomStream.Bootstrap, _index++, 0).Word0;

    /// <summary>An array of uniform numbers.</summary>
    public float[] Array(int count, float low, float high)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = Next(low, high);
        return values;
    }

    /// <summary>Rows of uniform numbers.</summary>
    public float[][] Rows(int rows, int columns, float low, float high)
    {
        float[][] values = new float[rows][];
        for (int row = 0; row < rows; row++)
            values[row] = Array(columns, low, high);
        return values;
    }
}
