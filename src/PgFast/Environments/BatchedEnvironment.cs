using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>An environment type and a lane width, behind one virtual call a row of lanes.</summary>
internal abstract class BatchedEnvironment
{
    public abstract EnvironmentSpecification Specification { get; }

    public abstract void Reset(in ResetBatch batch);

    public abstract ulong Step(in StepBatch batch);

    /// <summary>Whether <see cref="Reset"/> takes an episode's id, its low and its high word, in the place of random words.</summary>
    public virtual bool StartsByEpisode => false;

    /// <summary>Whether an episode may be cut off before the time limit: <see cref="CutLanes"/> is then asked.</summary>
    public virtual bool MayCut => false;

    /// <summary>Which of the lanes that a step ended were cut off, and led to no terminal state.</summary>
    /// <param name="state">The state after the step.</param>
    /// <param name="ended">What the step returned.</param>
    public virtual ulong CutLanes(LaneRows state, ulong ended) => 0;

    public static BatchedEnvironment Create<TEnvironment>() where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        TEnvironment.Specification.Validate();
        return LaneWidth.Dispatch<Factory<TEnvironment>, BatchedEnvironment>(default);
    }

    private readonly struct Factory<TEnvironment> : ILaneVisitor<BatchedEnvironment>
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        public BatchedEnvironment Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => new Typed<TEnvironment, TLanes>();
    }

    private sealed class Typed<TEnvironment, TLanes> : BatchedEnvironment
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
        where TLanes : unmanaged, ILanes<TLanes>
    {
        public override EnvironmentSpecification Specification => TEnvironment.Specification;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Reset(in ResetBatch batch) => TEnvironment.Reset<TLanes>(batch);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override ulong Step(in StepBatch batch) => TEnvironment.Step<TLanes>(batch);
    }
}
