using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Gradients;

/// <summary>Episodes, and Σ_t w_kt ∇log π(a_t|s_t) of each by itself for several weightings k: streamed, never stored. One for each worker.</summary>
/// <remarks>The scores are computed once, whatever the number of weightings. Allocates nothing after construction.</remarks>
internal abstract unsafe class EpisodeGradients : IDisposable
{
    private const int MaximumLanes = StepBatch.MaximumLanes;

    private readonly NetworkKernels _network;
    private readonly PolicyHead _policy;
    private readonly RolloutCollector _collector;
    private readonly ReturnKernels _returns = ReturnKernels.Create();
    private readonly WeightedGradients _gradients;
    private readonly Trajectory _trajectory;
    private readonly AlignedBuffer<float> _one = new(MaximumLanes);
    private readonly AlignedBuffer<float> _weight;
    private readonly AlignedBuffer<float> _gradient;
    private readonly AlignedBuffer<double> _basis;

    /// <summary>Allocates.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="parameters">The policy; shared by all workers and refreshed.</param>
    /// <param name="columns">Number of weightings, at least 1.</param>
    /// <param name="episodes">Most episodes at once.</param>
    protected EpisodeGradients(BatchedEnvironment environment, NetworkParameters parameters, int columns, int episodes)
    {
        Specification = environment.Specification;
        _network = NetworkKernels.Create(parameters, keepsActivations: false);
        _network.Refresh();
        _policy = PolicyHead.Create(ActionDistribution.Of(Specification.Actions, parameters.Shape));
        _collector = new RolloutCollector(environment, _network, _policy);
        _gradients = WeightedGradients.Create(parameters, columns);
        int outputs = parameters.EffectiveOutputs, lanes = Math.Min(MaximumLanes, (episodes + 15) / 16 * 16);
        _trajectory = new Trajectory(Specification, outputs, _network.RecordSize, lanes, episodes, keepsSteps: true);
        Episodes = new PackedEpisodes(Specification, outputs, _gradients.RecordSize, episodes);
        _weight = new AlignedBuffer<float>((long)columns * MaximumSamples + PackedEpisodes.Slack);
        _gradient = new AlignedBuffer<float>(_gradients.GradientLength);
        _basis = new AlignedBuffer<double>(_gradients.GradientLength);
        _one.Span.Fill(1);
    }

    /// <summary>Where the components of a gradient are.</summary>
    public GradientLayout Layout => _gradients.Layout;

    /// <summary>Samples that are weighed at once, and the distance between the weights of two columns.</summary>
    protected int MaximumSamples => _gradients.MaximumSamples;

    protected EnvironmentSpecification Specification { get; }

    /// <summary>The episodes of the last <see cref="Collect"/>.</summary>
    protected PackedEpisodes Episodes { get; }

    /// <summary>[episode]; undiscounted return.</summary>
    protected ReadOnlySpan<float> TotalRewards => _trajectory.TotalReward.AsSpan(0, Episodes.Count);

    /// <summary>[column][Layout.Length]; the gradients of the episode that was passed to <see cref="EpisodeDone"/>.</summary>
    protected double* Basis => _basis.Pointer;

    /// <summary>Runs episodes and sorts their steps.</summary>
    /// <returns>Number of steps.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected long Collect(ulong firstEpisode, int episodes, ulong seed, RandomStream resetStream, RandomStream actionStream, float discount)
    {
        _collector.Collect(_trajectory, firstEpisode, episodes, seed, resetStream, actionStream);
        _returns.Returns(_trajectory, discount);
        Score();
        Episodes.Pack(_trajectory);
        return _trajectory.Steps;
    }

    /// <summary>Computes the gradients of all episodes, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected void Differentiate()
    {
        // A chunk is as many whole episodes as fit, or a part of a longer one.
        int episode = 0, begun = 0;
        while (episode < Episodes.Count)
        {
            long start = Episodes.Offset[episode] + begun;
            int count = Math.Min(MaximumSamples, Episodes.Length[episode] - begun), last = episode;
            while (begun == 0 && last + 1 < Episodes.Count && count + Episodes.Length[last + 1] <= MaximumSamples)
                count += Episodes.Length[++last];
            _gradients.Load(new GradientSamples
            {
                Observation = Episodes.Observation + start,
                OutputGradient = Episodes.Output + start,
                Record = Episodes.Record + start,
                Stride = Episodes.Stride,
                Count = count,
            });
            Weigh(episode, begun, start, count, _weight.Pointer);
            _gradients.Weigh(_weight.Pointer);
            for (int first = 0; first < count;)
            {
                int samples = Math.Min(count - first, Episodes.Length[episode] - begun);
                _gradients.Accumulate(first, samples, _gradient.Pointer, continues: begun > 0);
                first += samples;
                begun += samples;
                if (begun < Episodes.Length[episode])
                    break;
                Sort();
                EpisodeDone(episode);
                episode++;
                begun = 0;
            }
        }
    }

    /// <summary>Gives the weights of consecutive samples.</summary>
    /// <param name="episode">Episode of the first sample; the samples may go on into later ones.</param>
    /// <param name="step">Step of the first sample in its episode.</param>
    /// <param name="start">The first sample.</param>
    /// <param name="count">How many.</param>
    /// <param name="weight">[column][<see cref="MaximumSamples"/>]; to be overwritten.</param>
    protected abstract void Weigh(int episode, int step, long start, int count, float* weight);

    /// <summary>Takes an episode's gradients from <see cref="Basis"/>.</summary>
    protected abstract void EpisodeDone(int episode);

    public virtual void Dispose()
    {
        _collector.Dispose();
        _network.Dispose();
        _policy.Dispose();
        _returns.Dispose();
        _gradients.Dispose();
        _trajectory.Dispose();
        Episodes.Dispose();
        _one.Dispose();
        _weight.Dispose();
        _gradient.Dispose();
        _basis.Dispose();
    }

    /// <summary>Puts the gradient of log π(a|s) by the network's outputs in the place of these outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score()
    {
        ScoreScale plain = new(1, 0, 0);
        for (int row = 0; row < _trajectory.Rows; row++)
        {
            long cell = _trajectory.Cell[row];
            float* output = _trajectory.Output(cell);
            _policy.Score(output, _trajectory.Action(cell), _one.Pointer, plain, output, _trajectory.LaneCount[row]);
        }
    }

    /// <summary>From segment by segment [column][component] in single precision to [column][Layout.Length] in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sort()
    {
        int columns = _gradients.Columns;
        for (int segment = 0; segment < Layout.SegmentCount; segment++)
        {
            int offset = Layout.OffsetOf(segment), length = Layout.LengthOf(segment);
            float* source = _gradient.Pointer + (nint)columns * offset;
            for (int column = 0; column < columns; column++, source += length)
                DoubleRows.Widen(source, _basis.Pointer + (nint)column * Layout.Length + offset, length);
        }
    }
}
