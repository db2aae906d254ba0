using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;
using PgFast.Training;

namespace PgFast.Benchmarks;

/// <summary>The dynamics of classic control alone: 200 steps of 64 lanes from fresh starts, with recorded random actions.</summary>
/// <remarks>
/// Nothing is reset on the way: a lane that has reached its goal goes on from there, and its steps count, as they cost the same. Actions are
/// uniform over the choices, or over the range of forces and a fifth beyond it, so that clipping has something to do.
/// </remarks>
public unsafe class ClassicControlBenchmarks
{
    private const int Lanes = 64;
    private const int Rows = 200;
    private const ulong Seed = 1;

    private readonly AlignedBuffer<float> _action = new(Rows * Lanes);
    private readonly AlignedBuffer<float> _reward = new(Lanes);
    private BatchedEnvironment _environment = BatchedEnvironment.Create<Acrobot>();
    private AlignedBuffer<float> _state = new(1);
    private AlignedBuffer<float> _next = new(1);
    private AlignedBuffer<float> _observation = new(1);
    private AlignedBuffer<float> _words = new(1);

    /// <summary>The environment's name on the command line.</summary>
    [Params("acrobot", "mountain-car", "mountain-car-continuous", "pendulum")]
    public string Environment { get; set; } = "acrobot";

    [GlobalSetup]
    public void Record()
    {
        _environment = EnvironmentCatalog.Find(Environment)!.CreateEnvironment();
        EnvironmentSpecification specification = _environment.Specification;
        _state = new AlignedBuffer<float>((long)specification.StateSize * Lanes);
        _next = new AlignedBuffer<float>((long)specification.StateSize * Lanes);
        _observation = new AlignedBuffer<float>((long)specification.ObservationSize * Lanes);
        _words = new AlignedBuffer<float>((long)specification.ResetWords * Lanes);
        for (int lane = 0; lane < Lanes; lane++)
        {
            PhiloxBlock block = Philox.Generate(Seed, RandomStream.Reset, (ulong)lane, 0);
            for (int word = 0; word < specification.ResetWords; word++)
                ((uint*)_words.Pointer)[word * Lanes + lane] = block[word];
        }

        ActionSpace actions = specification.Actions;
        for (int i = 0; i < Rows * Lanes; i++)
        {
            float uniform = Philox.Uniform(Philox.Generate(Seed, RandomStream.Action, (ulong)i, 0).Word0);
            if (actions.IsDiscrete)
                ((int*)_action.Pointer)[i] = (int)(uniform * actions.Size);
            else
                _action.Pointer[i] = 1.2f * (actions.Low + uniform * (actions.High - actions.Low));
        }

        new Work((long)Rows * Lanes, 0, 0, 0).Announce();
    }

    [Benchmark]
    public void Step()
    {
        EnvironmentSpecification specification = _environment.Specification;
        bool isState = specification.ObservationIsState;
        LaneRows state = new(_state.Pointer, specification.StateSize, Lanes), next = new(_next.Pointer, specification.StateSize, Lanes);
        LaneRows observation = new(_observation.Pointer, specification.ObservationSize, Lanes), reward = new(_reward.Pointer, 1, Lanes);
        _environment.Reset(new ResetBatch
        {
            RandomWords = new LaneRows(_words.Pointer, specification.ResetWords, Lanes),
            State = state,
            Observation = isState ? state : observation,
        });
        for (int row = 0; row < Rows; row++)
        {
            _environment.Step(new StepBatch
            {
                State = state,
                NextState = next,
                Action = new LaneRows(_action.Pointer + row * Lanes, 1, Lanes),
                Observation = isState ? next : observation,
                Reward = reward,
            });
            (state, next) = (next, state);
        }
    }

    [GlobalCleanup]
    public void Free()
    {
        _action.Dispose();
        _reward.Dispose();
        _state.Dispose();
        _next.Dispose();
        _observation.Dispose();
        _words.Dispose();
    }
}
