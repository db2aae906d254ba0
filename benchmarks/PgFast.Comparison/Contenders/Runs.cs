using PgFast.Comparison.Vectorized;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Reference;
using PgFast.Training;

namespace PgFast.Comparison.Contenders;

/// <summary>The implementations of this process. All take what they need from <see cref="Options"/>.</summary>
internal static class Runs
{
    /// <summary>PgFast's defaults, which solve CartPole, on one thread.</summary>
    public static TrainerOptions Options { get; } = new() { Threads = 1 };

    public static IRun Engine(ulong seed) => new EngineRun(Options with { Seed = seed });

    public static IRun Reference(ulong seed) => new ReferenceRun(Options with { Seed = seed });

    public static IRun Vectorized(ulong seed) => new VectorizedRun(Options with { Seed = seed });

    private sealed class EngineRun(TrainerOptions options) : IRun
    {
        private readonly Trainer<CartPole> _trainer = new(options);

        public (double MeanReturn, long Steps) Update()
        {
            UpdateResult result = _trainer.Update();
            return (result.MeanReturn, result.EnvironmentSteps);
        }

        public double Evaluate(int episodes) => _trainer.Evaluate(episodes).MeanReturn;

        public void Dispose() => _trainer.Dispose();
    }

    private sealed class VectorizedRun(TrainerOptions options) : IRun
    {
        private readonly VectorReinforce _reinforce = new(options);

        public (double MeanReturn, long Steps) Update() => _reinforce.Update();

        public double Evaluate(int episodes) => _reinforce.Evaluate(episodes);

        public void Dispose()
        {
        }
    }

    private sealed class ReferenceRun : IRun
    {
        /// <summary>Ids of episodes that no training reaches.</summary>
        private ulong _evaluationEpisode = 1UL << 40;

        private readonly ReferenceNetwork _network = new([4, 32, 2], ReferenceActivation.Relu);
        private readonly Reinforce _reinforce;
        private readonly ulong _seed;

        public ReferenceRun(TrainerOptions options)
        {
            _seed = options.Seed;
            // Drawn as the engine draws them, so that the two begin with the same numbers.
            float[] initial = new float[_network.ParameterCount];
            NetworkInitializer.Initialize(initial, new NetworkShape(4, [32], 2, Activation.Relu), options.Initialization, options.OutputScale, options.Seed);
            ReinforceOptions reinforceOptions = new()
            {
                Discount = options.Discount,
                EpisodesPerUpdate = options.BatchSize,
                StepSize = options.StepSize,
                Estimator = ReferenceEstimator.RewardToGo,
                Baseline = ReferenceBaseline.None,
                Normalize = options.NormalizeReturns,
            };
            _reinforce = new Reinforce(
                _network, Array.ConvertAll(initial, value => (double)value), new ReferenceAdam(_network.ParameterCount), reinforceOptions, options.Seed);
        }

        public (double MeanReturn, long Steps) Update()
        {
            ReinforceUpdate update = _reinforce.Update();
            return (update.MeanReturn, update.Episodes.Sum(episode => (long)episode.Length));
        }

        public double Evaluate(int episodes)
        {
            double[] parameters = [.. _reinforce.Parameters];
            double sum = 0;
            for (int episode = 0; episode < episodes; episode++)
                sum += Reinforce.GenerateEpisode(_network, parameters, _seed, _evaluationEpisode++).TotalReward;
            return sum / episodes;
        }

        public void Dispose()
        {
        }
    }
}
