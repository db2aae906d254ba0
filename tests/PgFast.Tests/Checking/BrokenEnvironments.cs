using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Tests.Checking;

/// <summary>What is wrong with <see cref="Broken{TFault}"/>.</summary>
internal enum Fault
{
    None,
    ResetUnwritten,
    StepUnwritten,
    RewardUnwritten,
    Overrun,
    NonFinite,
    NonFiniteReward,
    IdleNonFinite,
    CountsCalls,
    LooksAtNeighbour,
    DependsOnWidth,
    StoresEarly,
    FlagsBeyondLanes,
    Allocates,
    SharesState,
    Throws,
}

/// <summary>Says at compile time which fault an environment has.</summary>
internal interface IFault
{
    static abstract Fault Fault { get; }
}

/// <summary>An environment of two state variables that is right but for one fault.</summary>
internal readonly struct Broken<TFault> : IBatchedEnvironment<Broken<TFault>> where TFault : struct, IFault
{
    private static int _calls;
    private static float _shared;
    private static object? _garbage;

    public static EnvironmentSpecification Specification { get; } = new(
        $"Broken {TFault.Fault}", StateSize: 2, ObservationSize: 2, ObservationIsState: false, ActionSpace.Discrete(2), MaximumEpisodeSteps: 30,
        ResetWords: 2, SolvedReturn: null);

    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            for (int row = 0; row < 2; row++)
            {
                TLanes start = Philox.Uniform(batch.RandomWords.Load<TLanes>(row, lane));
                if (TFault.Fault == Fault.ResetUnwritten && row == 1)
                    continue;
                batch.State.Store(row, lane, start);
                batch.Observation.Store(row, lane, start);
            }
        }
    }

    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        int call = Interlocked.Increment(ref _calls);
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes p = batch.State.Load<TLanes>(0, lane);
            if (TFault.Fault == Fault.StoresEarly)
                batch.NextState.Store(1, lane, p);
            TLanes v = batch.State.Load<TLanes>(1, lane);
            TLanes push = TLanes.ConvertInt32ToSingle(batch.Action.Load<TLanes>(0, lane)) - TLanes.Broadcast(0.5f);
            TLanes next = p + TLanes.Broadcast(0.1f) * v + push * TLanes.Broadcast(0.2f) + Disturbance<TLanes>(batch, lane, call);
            batch.NextState.Store(0, lane, next);
            batch.NextState.Store(1, lane, v);
            batch.Observation.Store(0, lane, TFault.Fault == Fault.NonFinite ? TLanes.Sqrt(next - TLanes.Broadcast(0.6f)) : next);
            if (TFault.Fault != Fault.StepUnwritten)
                batch.Observation.Store(1, lane, v);
            TLanes reward = TFault.Fault switch
            {
                Fault.NonFiniteReward => TLanes.Sqrt(next - TLanes.Broadcast(0.6f)),
                Fault.IdleNonFinite => v / v,
                _ => next,
            };
            if (TFault.Fault != Fault.RewardUnwritten)
                batch.Reward.Store(0, lane, reward);
            terminated |= (ulong)TLanes.SignBits(TLanes.GreaterThan(TLanes.Abs(next), TLanes.Broadcast(1.5f))) << lane;
        }

        Misbehave(batch);
        return TFault.Fault == Fault.FlagsBeyondLanes ? terminated | ~0UL << (batch.LaneCount - 1) << 1 : terminated;
    }

    private static TLanes Disturbance<TLanes>(in StepBatch batch, int lane, int call) where TLanes : unmanaged, ILanes<TLanes> => TFault.Fault switch
    {
        Fault.CountsCalls => TLanes.Broadcast(1e-3f * (call % 7)),
        Fault.LooksAtNeighbour => TLanes.Broadcast(1e-3f * batch.State[1, 0]),
        Fault.DependsOnWidth => TLanes.Broadcast(TLanes.Count == 8 ? 1e-3f : 0),
        Fault.SharesState => TLanes.Broadcast(Shared(batch)),
        _ => TLanes.Zero,
    };

    /// <summary>Writes a static, waits a little, reads it: alone one gets one's own value back.</summary>
    private static float Shared(in StepBatch batch)
    {
        Volatile.Write(ref _shared, batch.State[1, 0] * 0 + Environment.CurrentManagedThreadId * 1e-3f);
        Thread.SpinWait(50);
        float mine = Environment.CurrentManagedThreadId * 1e-3f;
        return Volatile.Read(ref _shared) == mine ? 0 : 1e-3f;
    }

    private static void Misbehave(in StepBatch batch)
    {
        switch (TFault.Fault)
        {
            case Fault.Overrun:
                System.Runtime.CompilerServices.Unsafe.Add(ref batch.Reward[0, 0], batch.LaneCount) = 1;
                break;
            case Fault.Allocates:
                _garbage = new float[3];
                break;
            case Fault.Throws:
                throw new InvalidOperationException($"the simulation is out of order{(_garbage is null ? "" : ".")}");
        }
    }
}
