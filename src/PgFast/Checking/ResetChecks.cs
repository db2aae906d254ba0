using PgFast.Environments;

namespace PgFast.Checking;

/// <summary>What <c>Reset</c> must do: write everything, from the lane's own words alone, the same at every call and width.</summary>
internal static class ResetChecks<TEnvironment> where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    private const int Lanes = EnvironmentWalk<TEnvironment>.Lanes;

    public static void Run(ProblemList problems, ulong seed)
    {
        using EnvironmentWalk<TEnvironment> walk = new(seed);
        EnvironmentProbe<TEnvironment> first = walk.Probe;
        try
        {
            first.Reset(Lanes, 16);
        }
        catch (CallException exception)
        {
            problems.Add(Rules.Exceptions, $"Reset throws {(exception.Lane is { } lane ? $"for {walk.PlaceOf(lane)}" : $"for the first {Lanes} episodes")}: {CallException.TextOf(exception)}");
            return;
        }

        foreach ((string name, ProbeRows rows) in first.Memory)
        {
            if (rows.IsOverrun())
                problems.Add(Rules.Bounds, $"Reset writes outside the rows of {name}");
        }

        if (first.State.FirstUnwritten() is { } state)
            problems.Add(Rules.Written, $"Reset leaves row {state.Row} of the state unwritten in lane {state.Lane}");
        if (first.Observation.FirstUnwritten() is { } observation)
            problems.Add(Rules.Written, $"Reset leaves row {observation.Row} of the observation unwritten in lane {observation.Lane}");
        ProbeRows seen = TEnvironment.Specification.ObservationIsState ? first.State : first.Observation;
        // What is not written is not a number either.
        if (!problems.Has(Rules.Written) && seen.FirstNonFinite(ulong.MaxValue) is { } place)
            problems.Add(Rules.Finite, $"Reset gives {seen[place.Row, place.Lane]} as feature {place.Row} of the observation in lane {place.Lane}");

        using EnvironmentProbe<TEnvironment> second = new();
        second.Words.CopyFrom(first.Words, Lanes);
        Compare(problems, first, second, 16, 0, Rules.Deterministic, "a second Reset from the same words gives another start");
        foreach (int width in (ReadOnlySpan<int>)[8, 4, 1])
            Compare(problems, first, second, width, 0, Rules.Widths, $"with vectors of {width} lanes instead of 16, Reset gives another start");
        second.Words.CopyFrom(first.Words, Lanes, shift: 1);
        Compare(problems, first, second, 16, 1, Rules.Lanes, "with every lane's words one lane further, Reset gives other starts: a lane must depend on its own words alone");
    }

    private static void Compare(
        ProblemList problems, EnvironmentProbe<TEnvironment> first, EnvironmentProbe<TEnvironment> second, int width, int shift, string rule, string message)
    {
        second.Reset(Lanes, width);
        foreach ((string name, ProbeRows mine, ProbeRows theirs) in new[] { ("state", second.State, first.State), ("observation", second.Observation, first.Observation) })
        {
            if (mine.FirstDifference(theirs, shift) is { } place)
                problems.Add(rule, $"{message}: row {place.Row} of the {name} in lane {place.Lane} is {mine[place.Row, place.Lane]}");
        }
    }
}
