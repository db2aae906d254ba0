using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Variance;

/// <summary>Runs pilot episodes and sums what baselines are fitted from. One for each worker.</summary>
internal sealed unsafe class PilotWorker : EpisodeGradients
{
    /// <summary>Episodes of a pilot shard.</summary>
    public const int ShardEpisodes = 256;

    // The columns: z, γ^t z, G_t z, γ^t G_t z.
    private const int ColumnCount = 4;

    private readonly LinearBaseline _linear;
    private readonly double[] _features;
    private readonly float[] _powers;
    private readonly AlignedBuffer<double> _scaled;
    private PilotSums? _sums;

    public PilotWorker(BatchedEnvironment environment, NetworkParameters parameters, float[] powers)
        : base(environment, parameters, ColumnCount, ShardEpisodes)
    {
        _linear = new LinearBaseline(Specification.ObservationSize);
        _features = new double[_linear.FeatureCount];
        _powers = powers;
        _scaled = new AlignedBuffer<double>(Layout.Length);
    }

    /// <summary>Runs a shard.</summary>
    /// <param name="sums">Overwritten.</param>
    /// <param name="firstEpisode">Id of its first episode.</param>
    /// <param name="episodes">How many.</param>
    /// <param name="seed">The study's seed.</param>
    /// <param name="discount">γ.</param>
    /// <param name="steps">Overwritten with steps to fit V on; null for none.</param>
    public void Run(PilotSums sums, ulong firstEpisode, int episodes, ulong seed, float discount, PilotSteps? steps = null)
    {
        _sums = sums;
        sums.Clear();
        Collect(firstEpisode, episodes, seed, RandomStream.PilotReset, RandomStream.PilotAction, discount);
        sums.Episodes = episodes;
        for (int episode = 0; episode < episodes; episode++)
            AddSteps(sums, episode);
        steps?.Take(Episodes);
        Differentiate();
    }

    public override void Dispose()
    {
        _scaled.Dispose();
        base.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Weigh(int episode, int step, long start, int count, float* weight)
    {
        int stride = MaximumSamples;
        float* value = Episodes.Return + start;
        for (int sample = 0; sample < count; sample++)
        {
            if (step == Episodes.Length[episode])
            {
                episode++;
                step = 0;
            }

            float power = _powers[step++];
            weight[sample] = 1;
            weight[stride + sample] = power;
            weight[2 * stride + sample] = value[sample];
            weight[3 * stride + sample] = power * value[sample];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void EpisodeDone(int episode)
    {
        PilotSums sums = _sums!;
        int length = Layout.Length;
        double* score = Basis, discounted = Basis + length, toGo = Basis + 2 * (nint)length, discountedToGo = Basis + 3 * (nint)length;
        DoubleRows.Scale(_scaled.Pointer, Episodes.Return[Episodes.Offset[episode]], score, length);
        DoubleRows.AddProduct(_scaled.Pointer, score, sums.Product(Estimator.Total), length);
        DoubleRows.AddProduct(toGo, score, sums.Product(Estimator.RewardToGo), length);
        DoubleRows.AddProduct(discountedToGo, discounted, sums.Product(Estimator.Discounted), length);
        DoubleRows.AddProduct(score, score, sums.Square(Estimator.Total), length);
        DoubleRows.AddProduct(score, score, sums.Square(Estimator.RewardToGo), length);
        DoubleRows.AddProduct(discounted, discounted, sums.Square(Estimator.Discounted), length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddSteps(PilotSums sums, int episode)
    {
        long offset = Episodes.Offset[episode];
        int steps = Episodes.Length[episode], features = _features.Length;
        double total = Episodes.Return[offset];
        sums.ReturnSum += total;
        sums.StepsUsed = Math.Max(sums.StepsUsed, steps);
        for (int step = 0; step < steps; step++)
        {
            double toGo = Episodes.Return[offset + step];
            sums.StepTotal[step] += total;
            sums.StepToGo[step] += toGo;
            sums.StepCount[step]++;
            _linear.Features(Episodes.Observation + offset + step, Episodes.Stride, step, _features);
            Span<double> cross = sums.Cross;
            for (int i = 0; i < features; i++)
            {
                double feature = _features[i];
                Span<double> row = cross.Slice(i * (features + 2), features + 2);
                for (int j = 0; j < features; j++)
                    row[j] += feature * _features[j];
                row[features] += feature * total;
                row[features + 1] += feature * toGo;
            }
        }
    }
}
