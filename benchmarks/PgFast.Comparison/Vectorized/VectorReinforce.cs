using System.Numerics.Tensors;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Comparison.Vectorized;

/// <summary>REINFORCE on CartPole-v1 as one writes it in C# with TensorPrimitives: arrays of features, one operation over all of them at a time.</summary>
internal sealed class VectorReinforce
{
    private readonly TrainerOptions _options;
    private readonly SplitMix _random;
    private readonly VectorAdam _adam;
    private readonly float[] _weights;
    private readonly float[] _gradient = new float[VectorNetwork.ParameterCount];

    /// <summary>A run that stands before its first update.</summary>
    /// <param name="options">Seed, batch size, γ, step size and initialisation are taken from it.</param>
    public VectorReinforce(TrainerOptions options)
    {
        _options = options;
        _random = new SplitMix(options.Seed);
        Rollout = new VectorRollout(options.BatchSize);
        _adam = new VectorAdam(VectorNetwork.ParameterCount, options.StepSize);
        _weights = new float[options.BatchSize * VectorRollout.StepLimit];
        NetworkShape shape = new(VectorNetwork.Inputs, [VectorNetwork.Hidden], VectorNetwork.Outputs, Activation.Relu);
        NetworkInitializer.Initialize(Network.Parameters, shape, options.Initialization, options.OutputScale, options.Seed);
    }

    /// <summary>The policy.</summary>
    public VectorNetwork Network { get; } = new();

    /// <summary>The episodes of the last update.</summary>
    public VectorRollout Rollout { get; }

    /// <summary>[ParameterCount]; what the last update stepped along.</summary>
    public ReadOnlySpan<float> Gradient => _gradient;

    /// <summary>One batch of episodes, one step of Adam.</summary>
    /// <returns>Mean return of the batch, and its steps.</returns>
    public (double MeanReturn, long Steps) Update()
    {
        Rollout.Run(Network, _random);
        Span<float> weights = _weights.AsSpan(0, Rollout.Steps);
        Rollout.RewardsToGo(_options.Discount, weights);
        float deviation = TensorPrimitives.StdDev<float>(weights);
        TensorPrimitives.Subtract(weights, TensorPrimitives.Average<float>(weights), weights);
        TensorPrimitives.Divide(weights, (deviation > 1e-8f ? deviation : 1) * _options.BatchSize, weights);
        TensorPrimitives.Multiply(weights, Rollout.Scores, weights);
        Network.Gradient(Rollout.Features, weights, _gradient);
        _adam.Step(Network.Parameters, _gradient);
        return (Rollout.MeanReturn, Rollout.Steps);
    }

    /// <summary>Mean return of fresh episodes of the stochastic policy.</summary>
    public double Evaluate(int episodes)
    {
        VectorRollout rollout = new(episodes);
        rollout.Run(Network, _random);
        return rollout.MeanReturn;
    }
}
