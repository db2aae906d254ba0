using System.Numerics;
using PgFast.Environments;

namespace PgFast.Checking;

/// <summary>What <c>Step</c> must do, on a walk of random actions.</summary>
internal sealed class StepChecks<TEnvironment> : IDisposable where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    private const int Lanes = EnvironmentWalk<TEnvironment>.Lanes;

    /// <summary>Steps at the beginning of which each is checked in every way; from then on every so many.</summary>
    private const int Thorough = 64;

    private readonly ProblemList _problems;
    private readonly EnvironmentWalk<TEnvironment> _walk;
    private readonly EnvironmentProbe<TEnvironment> _second = new();
    private int _shift;
    private long _steps;
    private float _smallest = float.PositiveInfinity;
    private float _largest = float.NegativeInfinity;

    public StepChecks(ProblemList problems, ulong seed)
    {
        _problems = problems;
        _walk = new EnvironmentWalk<TEnvironment>(seed);
    }

    private EnvironmentProbe<TEnvironment> First => _walk.Probe;

    public void Run(int steps)
    {
        try
        {
            Walk(steps);
        }
        catch (CallException exception)
        {
            _problems.Add(Rules.Exceptions, $"{exception.Call} throws {PlaceOf(exception)}: {CallException.TextOf(exception)}");
        }
    }

    private void Walk(int steps)
    {
        _walk.Begin(16);
        for (int step = 0; step < steps; step++)
        {
            _walk.Draw();
            ulong terminated = First.Step(Lanes, 16);
            CheckWritten();
            if (_problems.Has(Rules.Written) || !CheckFinite())
                return;
            CheckFlags(terminated);
            if (step < Thorough || step % Thorough == 0)
                CheckAgain(terminated);
            if (step == Thorough / 2)
                CheckAllocation();
            _steps += Lanes;
            TakeReward();
            _walk.Advance(terminated, 16);
        }

        CheckIdleLanes();
    }

    public EnvironmentCheck Result(string name) => new(
        name, _problems.Found, _walk.Episodes, _steps, _walk.Terminations, _steps > 0 ? _smallest : float.NaN, _steps > 0 ? _largest : float.NaN);

    public void Dispose()
    {
        _walk.Dispose();
        _second.Dispose();
    }

    /// <summary>Where the environment threw, as far as that can be told.</summary>
    private string PlaceOf(CallException exception)
    {
        if (exception.Call == nameof(EnvironmentProbe<TEnvironment>.Reset))
            return exception.Lane is { } fresh ? $"for the next episode of lane {fresh}" : $"for the next episodes of {Lanes} lanes";
        int? lane = exception.Lane is { } known ? (known + _shift) % Lanes : FirstThatThrows();
        return lane is { } found ? $"in {_walk.PlaceOf(found)}" : $"in one of {Lanes} lanes, step {_steps / Lanes} of each";
    }

    /// <summary>The first lane that throws in company of itself alone.</summary>
    private int? FirstThatThrows()
    {
        const int Few = 16;
        for (int lane = 0; lane < Lanes; lane++)
        {
            _second.State.Spread(First.State, lane, Few);
            _second.Action.Spread(First.Action, lane, Few);
            try
            {
                _second.Step(Few, 16);
            }
            catch (CallException)
            {
                return lane;
            }
        }

        return null;
    }

    private void CheckWritten()
    {
        foreach ((string name, ProbeRows rows) in First.Memory)
        {
            if (rows.IsOverrun())
                _problems.Add(Rules.Bounds, $"Step writes outside the rows of {name}");
        }

        foreach ((string name, ProbeRows rows) in new[] { ("next state", First.NextState), ("observation", First.Observation), ("reward", First.Reward) })
        {
            if (rows.FirstUnwritten() is { } place)
                _problems.Add(Rules.Written, $"Step leaves row {place.Row} of the {name} unwritten in {_walk.PlaceOf(place.Lane)}");
        }
    }

    private bool CheckFinite()
    {
        ProbeRows seen = TEnvironment.Specification.ObservationIsState ? First.NextState : First.Observation;
        if (seen.FirstNonFinite(ulong.MaxValue) is { } place)
            _problems.Add(Rules.Finite, $"Step gives {seen[place.Row, place.Lane]} as feature {place.Row} of the observation in {_walk.PlaceOf(place.Lane)}");
        if (First.Reward.FirstNonFinite(ulong.MaxValue) is { } reward)
            _problems.Add(Rules.Finite, $"Step gives the reward {First.Reward[0, reward.Lane]} in {_walk.PlaceOf(reward.Lane)}");
        return !_problems.Has(Rules.Finite);
    }

    /// <summary>A batch of 16 lanes has 16 flags.</summary>
    private void CheckFlags(ulong terminated)
    {
        const int Few = 16;
        _second.State.CopyFrom(First.State, Few);
        _second.Action.CopyFrom(First.Action, Few);
        ulong few = _second.Step(Few, 16);
        if (few >> Few != 0)
            _problems.Add(Rules.Flags, $"with {Few} lanes, Step sets the flag of lane {BitOperations.TrailingZeroCount(few >> Few) + Few}, which does not exist");
        else if (few != (terminated & ((1UL << Few) - 1)))
            _problems.Add(Rules.Flags, $"with {Few} lanes, Step sets other flags than with {Lanes}: {few:X} and {terminated:X}");
    }

    private void CheckAgain(ulong terminated)
    {
        Compare(terminated, 16, 0, Rules.Deterministic, "a second Step from the same state with the same action gives another result");
        foreach (int width in (ReadOnlySpan<int>)[8, 4, 1])
            Compare(terminated, width, 0, Rules.Widths, $"with vectors of {width} lanes instead of 16, Step gives another result");
        Compare(terminated, 16, 1, Rules.Lanes, "with everything one lane further, Step gives other results: a lane must depend on its own state and action alone");
        _second.State.CopyFrom(First.State, Lanes);
        _second.Action.CopyFrom(First.Action, Lanes);
        _second.Step(Lanes, 16, inPlace: true);
        if (_second.State.FirstDifference(First.NextState) is { } place)
            _problems.Add(Rules.InPlace, $"when the next state takes the state's place, row {place.Row} is wrong in {_walk.PlaceOf(place.Lane)}: load a lane's whole state before storing it");
    }

    private void Compare(ulong terminated, int width, int shift, string rule, string message)
    {
        _second.State.CopyFrom(First.State, Lanes, shift);
        _second.Action.CopyFrom(First.Action, Lanes, shift);
        _shift = shift;
        ulong flags = _second.Step(Lanes, width);
        _shift = 0;
        foreach ((string name, ProbeRows mine, ProbeRows theirs) in new[]
            { ("next state", _second.NextState, First.NextState), ("observation", _second.Observation, First.Observation), ("reward", _second.Reward, First.Reward) })
        {
            if (mine.FirstDifference(theirs, shift) is { } place)
                _problems.Add(rule, $"{message}: row {place.Row} of the {name} in {_walk.PlaceOf((place.Lane + shift) % Lanes)}");
        }

        if (flags != BitOperations.RotateRight(terminated, shift))
            _problems.Add(rule, $"{message}: terminal flags {flags:X} instead of {BitOperations.RotateRight(terminated, shift):X}");
    }

    /// <summary>The engine steps lanes without an episode from zero, with whatever action.</summary>
    private void CheckIdleLanes()
    {
        _walk.Draw();
        _second.State.Blank(Lanes);
        for (int row = 0; row < _second.State.Rows; row++)
        {
            for (int lane = 0; lane < Lanes; lane++)
                _second.State[row, lane] = 0;
        }

        _second.Action.CopyFrom(First.Action, Lanes);
        _second.Step(Lanes, 16);
        ProbeRows seen = TEnvironment.Specification.ObservationIsState ? _second.NextState : _second.Observation;
        if (seen.FirstNonFinite(ulong.MaxValue) is { } place)
            _problems.Add(Rules.IdleLanes, $"a step from the all-zero state, where lanes without an episode are held, gives {seen[place.Row, place.Lane]} as feature {place.Row} of the observation");
        if (_second.Reward.FirstNonFinite(ulong.MaxValue) is { } reward)
            _problems.Add(Rules.IdleLanes, $"a step from the all-zero state, where lanes without an episode are held, gives the reward {_second.Reward[0, reward.Lane]}");
    }

    private void CheckAllocation()
    {
        const int Calls = 16;
        _second.State.CopyFrom(First.State, Lanes);
        _second.Action.CopyFrom(First.Action, Lanes);
        _second.Words.CopyFrom(First.Words, Lanes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int call = 0; call < Calls; call++)
            _second.Step(Lanes, 16);
        long step = GC.GetAllocatedBytesForCurrentThread() - before;
        before = GC.GetAllocatedBytesForCurrentThread();
        for (int call = 0; call < Calls; call++)
            _second.Reset(Lanes, 16);
        long reset = GC.GetAllocatedBytesForCurrentThread() - before;
        if (step > 0)
            _problems.Add(Rules.Allocation, $"{Calls} steps of {Lanes} lanes allocate {step:N0} bytes");
        if (reset > 0)
            _problems.Add(Rules.Allocation, $"{Calls} resets of {Lanes} lanes allocate {reset:N0} bytes");
    }

    private void TakeReward()
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            // Not −0.
            float reward = First.Reward[0, lane] + 0f;
            _smallest = Math.Min(_smallest, reward);
            _largest = Math.Max(_largest, reward);
        }
    }
}
