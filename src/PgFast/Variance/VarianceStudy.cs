using PgFast.Environments;
using PgFast.Networks;

namespace PgFast.Variance;

/// <summary>Measures how noisy the policy gradient of a frozen policy is: by estimator, baseline and batch size, on the same episodes.</summary>
/// <remarks>Allocates by construction; a shard allocates nothing. Not thread-safe: one caller at a time.</remarks>
public class VarianceStudy : IDisposable
{
    private protected VarianceStudy(BatchedEnvironment environment, NetworkShape shape, ReadOnlySpan<float> parameters, VarianceOptions options) =>
        throw new NotSupportedException();

    /// <summary>Runs the study.</summary>
    /// <param name="progress">Told about after every shard or so, on the caller's thread; null for nobody.</param>
    /// <param name="cancellation">Ends the study after the shards that are running; the report then is about those done.</param>
    /// <returns>The report.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to report.</exception>
    public VarianceReport Run(IProgress<VarianceProgress>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    /// <summary>Frees the memory and ends the threads.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
    }
}

/// <summary>A variance study on an environment type.</summary>
/// <typeparam name="TEnvironment">The environment.</typeparam>
public sealed class VarianceStudy<TEnvironment> : VarianceStudy where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    /// <summary>Allocates all memory.</summary>
    /// <param name="shape">The policy network; it fits the environment.</param>
    /// <param name="parameters">[ParameterCount], finite, in file order; copied.</param>
    /// <param name="options">What to measure; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network does not fit the environment.</exception>
    public VarianceStudy(NetworkShape shape, ReadOnlySpan<float> parameters, VarianceOptions? options = null)
        : base(BatchedEnvironment.Create<TEnvironment>(), shape, parameters, options ?? new VarianceOptions())
    {
    }
}
