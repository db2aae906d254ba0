using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Random gradients of a few rows, shard by shard, and the series that adds them up.</summary>
internal sealed unsafe class MomentsHarness
{
    /// <summary>Components of a gradient; the last ones stand for no parameter.</summary>
    public const int Length = 32;

    private const int Padding = 3;

    /// <param name="batches">[shard][row]; batches of each.</param>
    /// <param name="seed">Of the numbers.</param>
    /// <param name="noise">Size of the gradients' differences; their mean is of order 1.</param>
    /// <param name="zeroEvery">One in so many gradients is zero; 0 for none.</param>
    public MomentsHarness(int[][] batches, ulong seed, float noise = 1, int zeroEvery = 0)
    {
        Noise random = new(seed);
        Multiplicity = new double[Length];
        for (int i = 0; i < Length - Padding; i++)
            Multiplicity[i] = i % 5 == 0 ? 2 : 1;
        double[] center = Closeness.ToDouble(random.Array(Length, -0.5f, 1));
        Gradients = new double[batches.Length][][][];
        for (int shard = 0; shard < batches.Length; shard++)
        {
            Gradients[shard] = new double[batches[shard].Length][][];
            for (int row = 0; row < batches[shard].Length; row++)
            {
                Gradients[shard][row] = new double[batches[shard][row]][];
                for (int batch = 0; batch < Gradients[shard][row].Length; batch++)
                    Gradients[shard][row][batch] = Draw(random, center, noise, zeroEvery);
            }
        }
    }

    /// <summary>[component].</summary>
    public double[] Multiplicity { get; }

    /// <summary>[shard][row][batch][component].</summary>
    public double[][][][] Gradients { get; }

    private int Rows => Gradients[0].Length;

    /// <summary>The series of all shards.</summary>
    public BlockSeries Series(int capacity)
    {
        BlockSeries series = new(Rows, Multiplicity, capacity);
        using ShardMoments moments = new(Rows, Length);
        foreach (double[][][] shard in Gradients)
        {
            moments.Clear();
            for (int row = 0; row < Rows; row++)
            {
                foreach (double[] gradient in shard[row])
                    Add(moments, row, gradient);
            }

            series.Add(moments);
        }

        return series;
    }

    /// <summary>A row's gradients in consecutive shards.</summary>
    public double[][] Of(int row, int firstShard, int shards) => [.. Gradients.Skip(firstShard).Take(shards).SelectMany(shard => shard[row])];

    /// <summary>A row's gradients.</summary>
    public double[][] Of(int row) => Of(row, 0, Gradients.Length);

    /// <summary>By the definitions, parameter by parameter: a component is repeated as often as it stands for a parameter.</summary>
    public ReferenceMoments Reference(double[][] gradients) => ReferenceMoments.Of([.. gradients.Select(Repeat)]);

    private double[] Repeat(double[] gradient) => [.. gradient.SelectMany((value, i) => Enumerable.Repeat(value, (int)Multiplicity[i]))];

    private void Add(ShardMoments moments, int row, double[] gradient)
    {
        double norm = Math.Sqrt(gradient.Zip(Multiplicity, (value, times) => times * value * value).Sum());
        moments.Count[row]++;
        moments.UnitCount[row] += norm > 0 ? 1 : 0;
        for (int i = 0; i < Length; i++)
        {
            moments.Sum(row)[i] += gradient[i];
            moments.Square(row)[i] += gradient[i] * gradient[i];
            moments.Unit(row)[i] += norm > 0 ? gradient[i] / norm : 0;
        }
    }

    private static double[] Draw(Noise random, double[] center, float noise, int zeroEvery)
    {
        if (zeroEvery > 0 && random.Next(0, zeroEvery) == 0)
            return new double[Length];
        double[] gradient = [.. center.Select(value => value + random.Next(-noise, noise))];
        // Padding is zero.
        gradient.AsSpan(Length - Padding).Clear();
        return gradient;
    }
}
