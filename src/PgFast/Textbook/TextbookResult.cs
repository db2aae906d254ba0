using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PgFast.Numerics;

namespace PgFast.Textbook;

/// <summary>What the runs came to: the learning curve over runs, and each run's parameters.</summary>
public sealed class TextbookResult
{
    private readonly BoxShape _shape;
    private readonly float _minimumProbability;
    private readonly float[] _parameters;
    private readonly float[] _valueParameters;
    private readonly float[] _rewards;

    internal TextbookResult(TextbookOptions options, BoxShape shape, TextbookCheckpoint end)
    {
        _shape = shape;
        _minimumProbability = options.MinimumProbability;
        (_parameters, _valueParameters, _rewards) = (end.Parameters, end.ValueParameters, end.Rewards);
        (Runs, Episodes, TruncatedEpisodes) = (options.Runs, end.EpisodeCount, end.TruncatedEpisodes);
        (EnvironmentSteps, LaneSteps) = (end.EnvironmentSteps, end.LaneSteps);
        double[] mean = new double[Episodes], deviation = new double[Episodes];
        for (int episode = 0; episode < Episodes; episode++)
        {
            mean[episode] = end.RewardSum[episode] / Runs;
            double variance = Runs == 1 ? double.NaN : (end.RewardSquareSum[episode] - Runs * mean[episode] * mean[episode]) / (Runs - 1);
            deviation[episode] = Math.Sqrt(variance < 0 ? 0 : variance);
        }

        (MeanReward, RewardStandardDeviation) = (mean, deviation);
    }

    /// <summary>Number of runs.</summary>
    public int Runs { get; }

    /// <summary>Episodes of every run.</summary>
    public int Episodes { get; }

    /// <summary>[episode]; mean over the runs of the episode's total reward, not discounted.</summary>
    public IReadOnlyList<double> MeanReward { get; }

    /// <summary>[episode]; standard deviation over the runs; NaN for a single run. Divided by √runs it is the standard error of the mean.</summary>
    public IReadOnlyList<double> RewardStandardDeviation { get; }

    /// <summary>[run]; episodes that the environment's step limit cut off.</summary>
    public IReadOnlyList<int> TruncatedEpisodes { get; }

    /// <summary>Steps of all runs.</summary>
    public long EnvironmentSteps { get; }

    /// <summary>Steps times lanes, those that waited for the longest episode of their group included.</summary>
    public long LaneSteps { get; }

    /// <summary>θ of a run at the end, [action][feature], then [action] of biases.</summary>
    /// <param name="run">From 0.</param>
    public ReadOnlySpan<float> Parameters(int run) => Slice(_parameters, run, _shape.ParameterCount);

    /// <summary>w of a run at the end, [feature], then the bias; empty without a baseline.</summary>
    /// <param name="run">From 0.</param>
    public ReadOnlySpan<float> ValueParameters(int run) => Slice(_valueParameters, run, _valueParameters.Length / Runs);

    /// <summary>[episode]; total rewards of a run; empty unless <see cref="TextbookOptions.KeepsRewards"/> asked for them.</summary>
    /// <param name="run">From 0.</param>
    public ReadOnlySpan<float> Rewards(int run) => Slice(_rewards, run, _rewards.Length / Runs);

    /// <summary>Whether every parameter of a run is a finite number.</summary>
    /// <param name="run">From 0.</param>
    public bool IsFinite(int run)
    {
        bool isFinite = true;
        foreach (float parameter in Parameters(run))
            isFinite &= float.IsFinite(parameter);
        foreach (float parameter in ValueParameters(run))
            isFinite &= float.IsFinite(parameter);
        return isFinite;
    }

    /// <summary>π(·|s, θ) of a run at the end, limited from below as in training.</summary>
    /// <param name="run">From 0.</param>
    /// <param name="observation">[feature].</param>
    /// <returns>[action].</returns>
    /// <exception cref="ArgumentException">The observation has another number of features.</exception>
    public double[] Probabilities(int run, ReadOnlySpan<float> observation)
    {
        if (observation.Length != _shape.Features)
            throw new ArgumentException($"{_shape.Features} features are needed.", nameof(observation));
        ReadOnlySpan<float> parameters = Parameters(run);
        double[] probabilities = new double[_shape.Actions];
        for (int action = 0; action < _shape.Actions; action++)
        {
            double preference = _shape.HasBias ? parameters[_shape.Actions * _shape.Features + action] : 0;
            for (int feature = 0; feature < _shape.Features; feature++)
                preference += (double)parameters[action * _shape.Features + feature] * observation[feature];
            probabilities[action] = preference;
        }

        double largest = probabilities.Max(), sum = 0;
        foreach (ref double probability in probabilities.AsSpan())
            sum += probability = PortableMath.Exp(probability - largest);
        foreach (ref double probability in probabilities.AsSpan())
            probability = Math.Clamp(probability / sum, _minimumProbability, 1 - (double)_minimumProbability);
        return probabilities;
    }

    /// <summary>SHA-256 of the runs' θ and then w, in the order of the runs, as little-endian bytes; lower-case hexadecimal digits.</summary>
    public string ParameterHash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] values in new[] { _parameters, _valueParameters })
        {
            foreach (float value in values)
            {
                int bits = BitConverter.SingleToInt32Bits(value);
                if (!BitConverter.IsLittleEndian)
                    bits = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(bits);
                hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bits)));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private ReadOnlySpan<float> Slice(float[] values, int run, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(run);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(run, Runs);
        return values.AsSpan(checked(run * size), size);
    }
}
