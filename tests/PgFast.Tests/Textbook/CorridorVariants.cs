using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Tests.Textbook;

/// <summary>The corridor with the reward of ShangtongZhang's code: 0 on the step that reaches the goal.</summary>
internal readonly struct CorridorWithFreeGoal : IBatchedEnvironment<CorridorWithFreeGoal>
{
    public static EnvironmentSpecification Specification { get; } = ShortCorridor.Specification with { Name = "Corridor with a free goal" };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ShortCorridor.Reset<TLanes>(batch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = ShortCorridor.Step<TLanes>(batch);
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes goal = TLanes.MaskFromBits((uint)(terminated >> lane));
            batch.Reward.Store(0, lane, batch.Reward.Load<TLanes>(0, lane) & ~goal);
        }

        return terminated;
    }
}

/// <summary>The corridor with a lower step limit, so that a run which is stuck costs less.</summary>
internal readonly struct CorridorOf3000Steps : IBatchedEnvironment<CorridorOf3000Steps>
{
    public static EnvironmentSpecification Specification { get; } =
        ShortCorridor.Specification with { Name = "Corridor of 3,000 steps", MaximumEpisodeSteps = 3000 };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ShortCorridor.Reset<TLanes>(batch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ShortCorridor.Step<TLanes>(batch);
}

/// <summary>The corridor with a lower step limit yet: episodes that the limit cuts off are common.</summary>
internal readonly struct CorridorOf30Steps : IBatchedEnvironment<CorridorOf30Steps>
{
    public static EnvironmentSpecification Specification { get; } =
        ShortCorridor.Specification with { Name = "Corridor of 30 steps", MaximumEpisodeSteps = 30 };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ShortCorridor.Reset<TLanes>(batch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ShortCorridor.Step<TLanes>(batch);
}
