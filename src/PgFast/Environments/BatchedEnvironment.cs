using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>An environment type and a lane width, behind one virtual call a row of lanes.</summary>
internal abstract class BatchedEnvironment
{
    public abstract EnvironmentSpecification Specification { get; }

    public abstract void Reset(in ResetBatch batch);

    public abstract ulong Step(in StepBatch batch);

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
