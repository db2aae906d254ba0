using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Textbook;

/// <summary>Up to 64 runs side by side, a lane each: their parameters, and what is kept of their episodes.</summary>
internal sealed unsafe class RunGroup : IDisposable
{
    private readonly AlignedBuffer<float> _parameters;
    private readonly AlignedBuffer<float>? _valueParameters;
    private readonly BoxShape _shape;

    /// <param name="firstRun">Number of the run in lane 0.</param>
    /// <param name="count">Number of runs, 1 to 64.</param>
    /// <param name="shape">Sizes of θ and w.</param>
    /// <param name="options">The options.</param>
    public RunGroup(int firstRun, int count, BoxShape shape, TextbookOptions options)
    {
        _shape = shape;
        FirstRun = firstRun;
        Count = count;
        Lanes = (count + 15) / 16 * 16;
        _parameters = new AlignedBuffer<float>((long)shape.ParameterCount * BoxKernels.Stride);
        if (options.InitialParameters is { } initial)
        {
            for (int parameter = 0; parameter < shape.ParameterCount; parameter++)
                _parameters.Span.Slice(parameter * BoxKernels.Stride, count).Fill(initial[parameter]);
        }

        if (options.ValueStepSize is not null)
            _valueParameters = new AlignedBuffer<float>((long)shape.ValueParameterCount * BoxKernels.Stride);
        RewardSum = new double[options.Episodes];
        RewardSquareSum = new double[options.Episodes];
        Truncated = new int[count];
        Rewards = options.KeepsRewards ? new float[(long)count * options.Episodes] : [];
    }

    public int FirstRun { get; }

    public int Count { get; }

    /// <summary>Lanes of a row: <see cref="Count"/> rounded up to 16.</summary>
    public int Lanes { get; }

    /// <summary>Bit k is set where lane k has a run.</summary>
    public ulong LiveLanes => ulong.MaxValue >> (64 - Count);

    /// <summary>[parameter][64].</summary>
    public float* Parameters => _parameters.Pointer;

    /// <summary>[value parameter][64]; null without a baseline.</summary>
    public float* ValueParameters => _valueParameters is null ? null : _valueParameters.Pointer;

    /// <summary>Episodes done.</summary>
    public int Episode { get; set; }

    /// <summary>Environment steps of all runs.</summary>
    public long Steps { get; set; }

    /// <summary>Steps of all lanes, idle ones included, in either direction through an episode.</summary>
    public long LaneSteps { get; set; }

    /// <summary>[episode]; Σ over the runs of the total reward, in the order of the runs.</summary>
    public double[] RewardSum { get; }

    /// <summary>[episode]; Σ of its square.</summary>
    public double[] RewardSquareSum { get; }

    /// <summary>[run]; episodes that the step limit ended.</summary>
    public int[] Truncated { get; }

    /// <summary>[run][episode], or empty.</summary>
    public float[] Rewards { get; }

    /// <summary>Keeps what an episode gave.</summary>
    /// <param name="total">[64].</param>
    /// <param name="truncated">Lanes that the step limit cut off.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Keep(float* total, ulong truncated)
    {
        double sum = 0, squares = 0;
        int episodes = RewardSum.Length;
        for (int lane = 0; lane < Count; lane++)
        {
            double reward = total[lane];
            sum += reward;
            squares += reward * reward;
            if (Rewards.Length > 0)
                Rewards[(long)lane * episodes + Episode] = total[lane];
            Truncated[lane] += (int)(truncated >> lane & 1);
        }

        RewardSum[Episode] = sum;
        RewardSquareSum[Episode] = squares;
    }

    /// <summary>Copies θ and w to where all runs' are.</summary>
    /// <param name="parameters">[run][parameter] of all runs; those of this group are overwritten.</param>
    /// <param name="valueParameters">[run][value parameter] of all runs, or empty without a baseline.</param>
    public void CopyParameters(float[] parameters, float[] valueParameters)
    {
        for (int lane = 0; lane < Count; lane++)
        {
            CopyLane(Parameters + lane, OfRun(parameters, lane, _shape.ParameterCount));
            if (ValueParameters != null)
                CopyLane(ValueParameters + lane, OfRun(valueParameters, lane, _shape.ValueParameterCount));
        }
    }

    /// <summary>Copies the rewards of the episodes done to where all runs' are.</summary>
    /// <param name="rewards">[run][episode done] of all runs, or empty.</param>
    public void CopyRewards(float[] rewards)
    {
        for (int lane = 0; lane < Count && Rewards.Length > 0; lane++)
            RewardsOf(lane).CopyTo(OfRun(rewards, lane, Episode));
    }

    /// <summary>Takes this group's part of a checkpoint over; sums over the groups are set to zero.</summary>
    /// <param name="checkpoint">Of the same options.</param>
    public void Restore(TextbookCheckpoint checkpoint)
    {
        Episode = checkpoint.EpisodeCount;
        Array.Copy(checkpoint.TruncatedEpisodes, FirstRun, Truncated, 0, Count);
        for (int lane = 0; lane < Count; lane++)
        {
            SetLane(Parameters + lane, OfRun(checkpoint.Parameters, lane, _shape.ParameterCount));
            if (ValueParameters != null)
                SetLane(ValueParameters + lane, OfRun(checkpoint.ValueParameters, lane, _shape.ValueParameterCount));
            if (Rewards.Length > 0)
                OfRun(checkpoint.Rewards, lane, Episode).CopyTo(RewardsOf(lane));
        }

        Array.Clear(RewardSum);
        Array.Clear(RewardSquareSum);
        (Steps, LaneSteps) = (0, 0);
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _valueParameters?.Dispose();
    }

    /// <summary>The values of a lane's run among those of all runs.</summary>
    private Span<float> OfRun(float[] values, int lane, int size) => values.AsSpan(checked((FirstRun + lane) * size), size);

    /// <summary>[episode done] of a lane's run.</summary>
    private Span<float> RewardsOf(int lane) => Rewards.AsSpan(checked(lane * RewardSum.Length), Episode);

    private static void CopyLane(float* lane, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = lane[i * BoxKernels.Stride];
    }

    private static void SetLane(float* lane, Span<float> source)
    {
        for (int i = 0; i < source.Length; i++)
            lane[i * BoxKernels.Stride] = source[i];
    }
}
