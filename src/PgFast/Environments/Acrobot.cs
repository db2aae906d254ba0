using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Environments;

/// <summary>Acrobot-v1: two hanging links, a motor in the joint between them, and a line that the tip is to reach.</summary>
/// <remarks>
/// <para>Source: Sutton (1996), as Gymnasium 1.3 defines <c>Acrobot-v1</c> with the equations of Sutton and Barto's book.</para>
/// <para>Actions: 0, 1, 2 for a torque of −1, 0, 1 N m at the second joint.</para>
/// <para>State: θ₁ (rad, 0 hanging), θ₂ relative to the first link, θ̇₁, θ̇₂ (rad/s). Observation: cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ̇₁, θ̇₂.</para>
/// <para>Dynamics: one Runge–Kutta step of fourth order over 0.2 s with a constant torque; then angles are taken into [−π, π] and rates are
/// clipped to ±4π and ±9π. Links of 1 m and 1 kg, centres at 0.5 m, inertia 1, gravity 9.8 m/s².</para>
/// <para>Reward: −1 every step, 0 on the terminating one. Start: all four uniform in (−0.1, 0.1).</para>
/// <para>Terminated when −cos θ₁ − cos(θ₁ + θ₂) &gt; 1; truncated after 500 steps. Solved at a mean return of −100.</para>
/// <para>Differences from the source: none but single precision. One step differs by less than 3e-6 at rates up to 5 and 9 rad/s. Up to
/// the limits, where a step magnifies the last bits of rates, it is less than 2e-4 in 999 of 1,000 states, and 1e-2 in single ones.</para>
/// </remarks>
public readonly unsafe struct Acrobot : IBatchedEnvironment<Acrobot>
{
    private const float TimeStep = 0.2f;
    private const float LargestRate1 = (float)(4 * Math.PI);
    private const float LargestRate2 = (float)(9 * Math.PI);
    private const float ResetRange = 0.1f;
    private const int StateRows = 4;
    private const int AngleRows = 2;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "Acrobot-v1", StateSize: StateRows, ObservationSize: 6, ObservationIsState: false, ActionSpace.Discrete(3),
        MaximumEpisodeSteps: 500, ResetWords: StateRows, SolvedReturn: -100);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int variable = 0; variable < StateRows; variable++)
        {
            for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            {
                TLanes uniform = Philox.Uniform(batch.RandomWords.Load<TLanes>(variable, lane));
                TLanes start = TLanes.FusedMultiplyAdd(uniform, TLanes.Broadcast(2 * ResetRange), TLanes.Broadcast(-ResetRange));
                batch.State.Store(variable, lane, start);
            }
        }

        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            Observe<TLanes>(batch.State, batch.Observation, lane, out _);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        // The four stages go through small buffers: inlined into one method they would hold more values than the compiler tracks.
        int lanes = batch.LaneCount;
        float* derivative = stackalloc float[StateRows * StepBatch.MaximumLanes];
        float* sum = stackalloc float[StateRows * StepBatch.MaximumLanes];
        float* point = stackalloc float[StateRows * StepBatch.MaximumLanes];
        // What rounding takes off the trial angles, which grow to some turns: near the largest rates it would be felt.
        float* rest = stackalloc float[AngleRows * StepBatch.MaximumLanes];
        new Span<float>(rest, AngleRows * lanes).Clear();
        LaneRows slope = new(derivative, StateRows, lanes), total = new(sum, StateRows, lanes), trial = new(point, StateRows, lanes);
        LaneRows lost = new(rest, AngleRows, lanes);
        Derivative<TLanes>(batch.State, lost, batch.Action, slope);
        Advance<TLanes>(batch.State, slope, total, trial, lost, TimeStep / 2, isFirst: true, 1);
        Derivative<TLanes>(trial, lost, batch.Action, slope);
        Advance<TLanes>(batch.State, slope, total, trial, lost, TimeStep / 2, isFirst: false, 2);
        Derivative<TLanes>(trial, lost, batch.Action, slope);
        Advance<TLanes>(batch.State, slope, total, trial, lost, TimeStep, isFirst: false, 2);
        Derivative<TLanes>(trial, lost, batch.Action, slope);
        return Finish<TLanes>(batch, slope, total);
    }

    /// <summary>(θ̇₁, θ̇₂, θ̈₁, θ̈₂); with these masses and lengths, d₁ = 3.5 + cos θ₂ and d₂ = 1.25 + ½ cos θ₂.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Derivative<TLanes>(LaneRows state, LaneRows lost, LaneRows action, LaneRows slope)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes half = TLanes.Broadcast(0.5f), one = TLanes.Broadcast(1f);
        for (int lane = 0; lane < state.LaneCount; lane += TLanes.Count)
        {
            TLanes rate1 = state.Load<TLanes>(2, lane), rate2 = state.Load<TLanes>(3, lane);
            SinCos(state.Load<TLanes>(0, lane), lost.Load<TLanes>(0, lane), out TLanes sin1, out TLanes cos1);
            SinCos(state.Load<TLanes>(1, lane), lost.Load<TLanes>(1, lane), out TLanes sin2, out TLanes cos2);
            TLanes torque = TLanes.ConvertInt32ToSingle(action.Load<TLanes>(0, lane)) - one;
            TLanes sinSum = TLanes.FusedMultiplyAdd(sin1, cos2, cos1 * sin2);
            TLanes d1 = cos2 + TLanes.Broadcast(3.5f), d2 = TLanes.FusedMultiplyAdd(half, cos2, TLanes.Broadcast(1.25f));
            TLanes phi2 = TLanes.Broadcast(4.9f) * sinSum, coupling = half * sin2;
            // θ̇₂² + 2θ̇₁θ̇₂ and θ̇₁² with what rounding takes off them: near the largest rates they outweigh all else.
            TLanes rates = TLanes.FusedMultiplyAdd(TLanes.Broadcast(2f), rate1, rate2), mixed = rates * rate2, square = rate1 * rate1;
            TLanes mixedRest = TLanes.FusedMultiplyAdd(rates, rate2, -mixed), squareRest = TLanes.FusedMultiplyAdd(rate1, rate1, -square);
            TLanes phi1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(14.7f), sin1, phi2);
            phi1 = TLanes.FusedNegateMultiplyAdd(coupling, mixed, TLanes.FusedNegateMultiplyAdd(coupling, mixedRest, phi1));
            TLanes drive = TLanes.FusedNegateMultiplyAdd(coupling, squareRest, torque - phi2);
            drive = TLanes.FusedNegateMultiplyAdd(coupling, square, drive);
            // Gymnasium's fraction for θ̈₂, times d₁: its denominator 1.25·d₁ − d₂² no longer cancels.
            TLanes determinant = TLanes.FusedNegateMultiplyAdd(TLanes.Broadcast(0.25f), cos2 * cos2, TLanes.Broadcast(2.8125f));
            TLanes acceleration2 = TLanes.FusedMultiplyAdd(d1, drive, d2 * phi1) / determinant;
            TLanes acceleration1 = -(TLanes.FusedMultiplyAdd(d2, acceleration2, phi1) / d1);
            slope.Store(0, lane, rate1);
            slope.Store(1, lane, rate2);
            slope.Store(2, lane, acceleration1);
            slope.Store(3, lane, acceleration2);
        }
    }

    /// <summary>Sine and cosine of angle + rest, the rest being a rounding error of the angle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SinCos<TLanes>(TLanes angle, TLanes rest, out TLanes sin, out TLanes cos) where TLanes : unmanaged, ILanes<TLanes>
    {
        Elementary.SinCosAccurate(angle, out TLanes s, out TLanes c);
        sin = TLanes.FusedMultiplyAdd(rest, c, s);
        cos = TLanes.FusedNegateMultiplyAdd(rest, s, c);
    }

    /// <summary>total (+)= weight·slope; trial + lost = state + step·slope, the second for angles only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Advance<TLanes>(
        LaneRows state, LaneRows slope, LaneRows total, LaneRows trial, LaneRows lost, float step, bool isFirst, float weight)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes length = TLanes.Broadcast(step), factor = TLanes.Broadcast(weight);
        for (int variable = 0; variable < StateRows; variable++)
        {
            for (int lane = 0; lane < state.LaneCount; lane += TLanes.Count)
            {
                TLanes value = slope.Load<TLanes>(variable, lane);
                total.Store(variable, lane, isFirst ? value : TLanes.FusedMultiplyAdd(factor, value, total.Load<TLanes>(variable, lane)));
                TLanes start = state.Load<TLanes>(variable, lane);
                TLanes end = TLanes.FusedMultiplyAdd(length, value, start);
                trial.Store(variable, lane, end);
                if (variable < AngleRows)
                    lost.Store(variable, lane, TLanes.FusedMultiplyAdd(length, value, start - end));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Finish<TLanes>(in StepBatch batch, LaneRows slope, LaneRows total) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes sixth = TLanes.Broadcast(TimeStep / 6);
        LaneRows state = batch.State, next = batch.NextState;
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            for (int variable = 0; variable < StateRows; variable++)
            {
                TLanes change = total.Load<TLanes>(variable, lane) + slope.Load<TLanes>(variable, lane);
                TLanes value = TLanes.FusedMultiplyAdd(sixth, change, state.Load<TLanes>(variable, lane));
                value = variable switch
                {
                    2 => Angles.Clip(value, -LargestRate1, LargestRate1),
                    3 => Angles.Clip(value, -LargestRate2, LargestRate2),
                    _ => Angles.Wrap(value),
                };
                next.Store(variable, lane, value);
            }

            Observe<TLanes>(next, batch.Observation, lane, out TLanes height);
            TLanes reached = TLanes.GreaterThan(height, TLanes.Broadcast(1f));
            batch.Reward.Store(0, lane, TLanes.Broadcast(-1f) & ~reached);
            terminated |= (ulong)TLanes.SignBits(reached) << lane;
        }

        return terminated;
    }

    /// <summary>Writes the observation of a state.</summary>
    /// <param name="state">[4][lane].</param>
    /// <param name="observation">[6][lane].</param>
    /// <param name="lane">First lane.</param>
    /// <param name="height">−cos θ₁ − cos(θ₁ + θ₂), of the tip above the first joint.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Observe<TLanes>(LaneRows state, LaneRows observation, int lane, out TLanes height) where TLanes : unmanaged, ILanes<TLanes>
    {
        Elementary.SinCosBounded(state.Load<TLanes>(0, lane), out TLanes sin1, out TLanes cos1);
        Elementary.SinCosBounded(state.Load<TLanes>(1, lane), out TLanes sin2, out TLanes cos2);
        observation.Store(0, lane, cos1);
        observation.Store(1, lane, sin1);
        observation.Store(2, lane, cos2);
        observation.Store(3, lane, sin2);
        observation.Store(4, lane, state.Load<TLanes>(2, lane));
        observation.Store(5, lane, state.Load<TLanes>(3, lane));
        TLanes cosSum = TLanes.FusedNegateMultiplyAdd(sin1, sin2, cos1 * cos2);
        height = -(cos1 + cosSum);
    }
}
