using PgFast.Numerics;

namespace PgFast.Gradients;

/// <summary>What a shard keeps for a learned baseline.</summary>
internal sealed class ShardValues : IDisposable
{
    /// <param name="cells">Most (step, lane) cells of the shard's trajectory; memory that is never touched costs nothing.</param>
    /// <param name="parameters">Parameters of V's network.</param>
    public ShardValues(long cells, int parameters)
    {
        Value = new AlignedBuffer<float>(cells);
        Time = new AlignedBuffer<float>(cells);
        Target = new AlignedBuffer<float>(cells);
        Gradient = new AlignedBuffer<double>(parameters);
    }

    /// <summary>[cell]; V before this batch was learned from.</summary>
    public AlignedBuffer<float> Value { get; }

    /// <summary>[cell]; t/T.</summary>
    public AlignedBuffer<float> Time { get; }

    /// <summary>[cell]; the return that the estimator uses.</summary>
    public AlignedBuffer<float> Target { get; }

    /// <summary>[ParameterCount]; Σ (target − V)·∇V over the shard's part of a minibatch.</summary>
    public AlignedBuffer<double> Gradient { get; }

    /// <summary>Steps of that part.</summary>
    public long Steps { get; set; }

    /// <summary>Mean of the targets of all steps, and Σ of their squared deviations from it.</summary>
    public (double Mean, double SquaredDeviations) TargetMoments { get; set; }

    public void Dispose()
    {
        Value.Dispose();
        Time.Dispose();
        Target.Dispose();
        Gradient.Dispose();
    }
}
