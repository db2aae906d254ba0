using BenchmarkDotNet.Attributes;
using PgFast.Agents;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Training;

namespace PgFast.Benchmarks;

/// <summary>A frame of an agent in a host's loop: <c>Act</c> and <c>Observe</c> for 10,000 entities, 4-32-2, on one thread.</summary>
/// <remarks>
/// A frame ends no episode by itself. Every 400 frames all of them end and the recorded ones are learnt from, which is in the figures, as are the pages of memory that
/// the first batch touches.
/// </remarks>
public class AgentBenchmarks
{
    private const int Entities = 10_000;
    private const int Frames = 400;

    private readonly float[] _observations = new float[4 * Entities];
    private readonly float[] _rewards = new float[Entities];
    private readonly bool[] _no = new bool[Entities];
    private readonly bool[] _yes = new bool[Entities];
    private readonly int[] _actions = new int[Entities];
    private Agent? _agent;

    /// <summary>Episodes of an update: so many of the entities are recorded.</summary>
    [Params(64, 2048)]
    public int BatchSize { get; set; }

    [GlobalSetup]
    public void Begin()
    {
        _agent = new Agent(
            new AgentSpecification("Crowd", 4, ActionSpace.Discrete(2), 500), Entities, new TrainerOptions { BatchSize = BatchSize, Threads = 1 });
        Random random = new(1);
        for (int i = 0; i < _observations.Length; i++)
            _observations[i] = random.NextSingle() - 0.5f;
        Array.Fill(_yes, true);
        for (int entity = 0; entity < Entities; entity++)
            _agent.Add();
        new Work((long)Frames * Entities, 0, 0, 0).Announce();
    }

    [Benchmark]
    public void Episode()
    {
        for (int frame = 0; frame < Frames; frame++)
        {
            _agent!.Act(_observations, _actions);
            _agent.Observe(_rewards, frame == Frames - 1 ? _yes : _no, _no);
        }

        _agent!.Update();
    }

    [GlobalCleanup]
    public void Free() => _agent!.Dispose();
}
