namespace PgFast.Environments;

/// <summary>What one call of an environment's <c>Step</c> reads and writes, for all lanes.</summary>
public readonly struct StepBatch
{
    /// <summary>Most lanes that one batch holds: a lane is a bit of the 64-bit termination mask.</summary>
    public const int MaximumLanes = 64;

    /// <summary>Number of lanes, a multiple of 16.</summary>
    public int LaneCount => State.LaneCount;

    /// <summary>[StateSize][lane]; the state before the step.</summary>
    public required LaneRows State { get; init; }

    /// <summary>
    /// [StateSize][lane]; overwritten with the state after the step, before any reset. May be the same memory as <see cref="State"/>:
    /// load a lane's whole state before storing it.
    /// </summary>
    public required LaneRows NextState { get; init; }

    /// <summary>[1][lane] 32-bit integers (the action's index) for a discrete action space, [size][lane] floats for a continuous one.</summary>
    public required LaneRows Action { get; init; }

    /// <summary>
    /// [ObservationSize][lane]; overwritten with the observation after the step. Not written by environments whose observation is the
    /// state: there it is the same memory as <see cref="NextState"/>.
    /// </summary>
    public required LaneRows Observation { get; init; }

    /// <summary>[1][lane]; overwritten with the reward of the step.</summary>
    public required LaneRows Reward { get; init; }
}

/// <summary>What one call of an environment's <c>Reset</c> reads and writes, for all lanes.</summary>
public readonly struct ResetBatch
{
    /// <summary>Number of lanes, a multiple of 16.</summary>
    public int LaneCount => State.LaneCount;

    /// <summary>[ResetWords][lane]; random 32-bit words, see <see cref="Randomness.Philox.Uniform{TLanes}(TLanes)"/>.</summary>
    public required LaneRows RandomWords { get; init; }

    /// <summary>[StateSize][lane]; overwritten with a start state.</summary>
    public required LaneRows State { get; init; }

    /// <summary>[ObservationSize][lane]; overwritten with its observation; not written where the observation is the state.</summary>
    public required LaneRows Observation { get; init; }
}
