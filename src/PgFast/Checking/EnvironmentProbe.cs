using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Checking;

/// <summary>One call of an environment after another, into guarded memory.</summary>
/// <typeparam name="TEnvironment">The environment.</typeparam>
internal sealed class EnvironmentProbe<TEnvironment> : IDisposable where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    private readonly EnvironmentSpecification _specification = TEnvironment.Specification;

    public EnvironmentProbe()
    {
        Words = new ProbeRows(_specification.ResetWords);
        State = new ProbeRows(_specification.StateSize);
        NextState = new ProbeRows(_specification.StateSize);
        Action = new ProbeRows(_specification.ActionRows);
        Observation = new ProbeRows(_specification.ObservationIsState ? 0 : _specification.ObservationSize);
        Reward = new ProbeRows(1);
    }

    public ProbeRows Words { get; }

    public ProbeRows State { get; }

    public ProbeRows NextState { get; }

    public ProbeRows Action { get; }

    public ProbeRows Observation { get; }

    public ProbeRows Reward { get; }

    /// <summary>Everything that a call may have written, with its name.</summary>
    public (string Name, ProbeRows Rows)[] Memory =>
        [("random words", Words), ("state", State), ("next state", NextState), ("action", Action), ("observation", Observation), ("reward", Reward)];

    /// <summary>Draws start states into <see cref="State"/> from <see cref="Words"/>.</summary>
    /// <exception cref="CallException">The environment threw.</exception>
    public void Reset(int lanes, int width)
    {
        try
        {
            CallReset(lanes, width);
        }
        catch (Exception exception) when (exception is not CallException and not OutOfMemoryException)
        {
            throw new CallException(nameof(Reset), lane: null, exception);
        }
    }

    /// <summary>Steps from <see cref="State"/> with <see cref="Action"/>.</summary>
    /// <param name="lanes">Lanes of a row.</param>
    /// <param name="width">Lanes of a vector.</param>
    /// <param name="inPlace">Whether the state after the step takes the place of the one before; it is then in <see cref="State"/>.</param>
    /// <returns>The terminal lanes.</returns>
    /// <exception cref="CallException">The environment threw.</exception>
    public ulong Step(int lanes, int width, bool inPlace = false)
    {
        try
        {
            return CallStep(lanes, width, inPlace);
        }
        catch (Exception exception) when (exception is not CallException and not OutOfMemoryException)
        {
            throw new CallException(nameof(Step), lane: null, exception);
        }
    }

    public void Dispose()
    {
        foreach ((_, ProbeRows rows) in Memory)
            rows.Dispose();
    }

    private void CallReset(int lanes, int width)
    {
        ResetBatch batch = new() { RandomWords = Words.View(), State = State.Blank(lanes), Observation = Observation.Blank(lanes) };
        switch (width)
        {
            case 16:
                TEnvironment.Reset<Lanes16>(batch);
                break;
            case 8:
                TEnvironment.Reset<Lanes8>(batch);
                break;
            case 4:
                TEnvironment.Reset<Lanes4>(batch);
                break;
            default:
                TEnvironment.Reset<Lanes1>(batch);
                break;
        }
    }

    private ulong CallStep(int lanes, int width, bool inPlace)
    {
        StepBatch batch = new()
        {
            State = State.View(),
            NextState = inPlace ? State.View() : NextState.Blank(lanes),
            Action = Action.View(),
            Observation = Observation.Blank(lanes),
            Reward = Reward.Blank(lanes),
        };
        return width switch
        {
            16 => TEnvironment.Step<Lanes16>(batch),
            8 => TEnvironment.Step<Lanes8>(batch),
            4 => TEnvironment.Step<Lanes4>(batch),
            _ => TEnvironment.Step<Lanes1>(batch),
        };
    }
}
