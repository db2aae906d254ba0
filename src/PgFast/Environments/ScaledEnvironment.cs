using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>An environment as a policy sees it: observations centred and divided, actions multiplied.</summary>
/// <remarks>
/// The state stays in the environment's own units, so that no scaling touches the dynamics. One object for a run: its scaling changes
/// between updates, never while lanes step.
/// </remarks>
internal sealed unsafe class ScaledEnvironment : BatchedEnvironment
{
    private readonly BatchedEnvironment _inner;
    private readonly EnvironmentSpecification _specification;
    private readonly RowScaler _scaler = RowScaler.Create();
    private readonly bool _innerObservationIsState;
    private readonly float _actionScale;
    private readonly float[] _mean;
    private readonly float[] _deviation;

    /// <param name="inner">The environment.</param>
    /// <param name="scaling">What observations are scaled by; null for nothing yet.</param>
    /// <param name="actionScale">What continuous actions are multiplied by.</param>
    public ScaledEnvironment(BatchedEnvironment inner, ObservationScaling? scaling, float actionScale)
    {
        _inner = inner;
        EnvironmentSpecification specification = inner.Specification;
        _innerObservationIsState = specification.ObservationIsState;
        _specification = specification with { ObservationIsState = false };
        _actionScale = specification.Actions.IsDiscrete ? 1 : actionScale;
        _mean = new float[specification.ObservationSize];
        _deviation = new float[specification.ObservationSize];
        Array.Fill(_deviation, 1);
        if (scaling is not null)
            Set(scaling.Mean, scaling.Deviation);
    }

    public override EnvironmentSpecification Specification => _specification;

    public override bool StartsByEpisode => _inner.StartsByEpisode;

    public override bool MayCut => _inner.MayCut;

    public override ulong CutLanes(LaneRows state, ulong ended) => _inner.CutLanes(state, ended);

    /// <summary>[ObservationSize].</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>[ObservationSize].</summary>
    public ReadOnlySpan<float> Deviation => _deviation;

    /// <summary>Changes what observations are scaled by.</summary>
    public void Set(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        mean.CopyTo(_mean);
        deviation.CopyTo(_deviation);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Reset(in ResetBatch batch)
    {
        _inner.Reset(batch);
        ScaleObservation(batch.State, batch.Observation, batch.LaneCount);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override ulong Step(in StepBatch batch)
    {
        if (_actionScale == 1)
        {
            ulong unscaled = _inner.Step(batch);
            ScaleObservation(batch.NextState, batch.Observation, batch.LaneCount);
            return unscaled;
        }

        // The trajectory keeps what the policy drew; the environment gets a copy in its own unit.
        int rows = _specification.ActionRows, lanes = batch.LaneCount;
        float* scaled = stackalloc float[rows * lanes];
        _scaler.Multiply(batch.Action.Pointer, scaled, _actionScale, rows * lanes);
        ulong terminated = _inner.Step(new StepBatch
        {
            State = batch.State,
            NextState = batch.NextState,
            Action = new LaneRows(scaled, rows, lanes),
            Observation = batch.Observation,
            Reward = batch.Reward,
        });
        ScaleObservation(batch.NextState, batch.Observation, lanes);
        return terminated;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScaleObservation(LaneRows state, LaneRows observation, int lanes)
    {
        float* source = _innerObservationIsState ? state.Pointer : observation.Pointer;
        for (int feature = 0; feature < _mean.Length; feature++)
            _scaler.Centre(source + feature * lanes, observation.Pointer + feature * lanes, _mean[feature], _deviation[feature], lanes);
    }

    /// <summary>Element-wise work on rows of lanes, at the lane width in use.</summary>
    private abstract class RowScaler
    {
        /// <summary>target = (source − mean)/deviation.</summary>
        public abstract void Centre(float* source, float* target, float mean, float deviation, int lanes);

        /// <summary>target = source·factor.</summary>
        public abstract void Multiply(float* source, float* target, float factor, int count);

        public static RowScaler Create() => LaneWidth.Dispatch<Factory, RowScaler>(default);

        private readonly struct Factory : ILaneVisitor<RowScaler>
        {
            public RowScaler Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => new Typed<TLanes>();
        }

        private sealed class Typed<TLanes> : RowScaler where TLanes : unmanaged, ILanes<TLanes>
        {
            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public override void Centre(float* source, float* target, float mean, float deviation, int lanes)
            {
                TLanes centre = TLanes.Broadcast(mean), divisor = TLanes.Broadcast(deviation);
                for (int lane = 0; lane < lanes; lane += TLanes.Count)
                    TLanes.Store((TLanes.Load(source + lane) - centre) / divisor, target + lane);
            }

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public override void Multiply(float* source, float* target, float factor, int count)
            {
                TLanes scale = TLanes.Broadcast(factor);
                for (int i = 0; i < count; i += TLanes.Count)
                    TLanes.Store(TLanes.Load(source + i) * scale, target + i);
            }
        }
    }
}
