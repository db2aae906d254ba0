using System.Globalization;
using PgFast.Environments;

namespace PgFast.Checking;

/// <summary>Something that an environment does wrong.</summary>
/// <param name="Rule">The rule that it breaks, in a few words.</param>
/// <param name="Message">What was seen, where, and what should have been.</param>
public sealed record EnvironmentProblem(string Rule, string Message);

/// <summary>What a check of an environment found.</summary>
/// <param name="Name">The environment.</param>
/// <param name="Problems">One a broken rule, the first place where it was seen; empty if all is well.</param>
/// <param name="Episodes">Episodes that ended while it was checked.</param>
/// <param name="Steps">Steps of live episodes.</param>
/// <param name="Terminations">Episodes that ended in a terminal state; the others reached the time limit.</param>
/// <param name="SmallestReward">Smallest reward of a step; NaN if no step was made.</param>
/// <param name="LargestReward">Largest reward of a step; NaN if no step was made.</param>
public sealed record EnvironmentCheck(
    string Name, IReadOnlyList<EnvironmentProblem> Problems, long Episodes, long Steps, long Terminations, float SmallestReward, float LargestReward)
{
    /// <summary>Whether no rule is broken.</summary>
    public bool Passed => Problems.Count == 0;

    /// <summary>What the check cannot have seen: an end of an episode, where none came; null if one did, or something is wrong anyway.</summary>
    public string? Note => Passed && Steps > 0 && Episodes == 0
        ? $"no episode ended within {Steps / StepBatch.MaximumLanes} steps: ends, and starts after them, are not checked; more steps than the environment's time limit would show them"
        : null;

    /// <summary>The verdict, its figures and what is wrong, a line each.</summary>
    public override string ToString()
    {
        string text = $"{Name}: {(Passed ? "passed" : Problems.Count == 1 ? "1 problem" : $"{Problems.Count} problems")}";
        if (Steps > 0)
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $" ({Steps} steps, {Episodes} episodes, {Terminations} of them to a terminal state, rewards from {SmallestReward} to {LargestReward})");
        }

        return string.Join('\n', [text, .. Problems.Select(problem => $"{problem.Rule}: {problem.Message}"), .. Note is { } note ? [note] : Array.Empty<string>()]);
    }

    /// <summary>Throws where a rule is broken: one line a problem.</summary>
    /// <exception cref="EnvironmentException">A rule is broken.</exception>
    public void ThrowIfFailed()
    {
        if (!Passed)
            throw new EnvironmentException(this);
    }
}

/// <summary>An environment breaks the rules that the engine relies on.</summary>
public sealed class EnvironmentException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="check">A check that failed.</param>
    public EnvironmentException(EnvironmentCheck check)
        : base(Text(check)) => Check = check;

    /// <summary>What was found.</summary>
    public EnvironmentCheck Check { get; }

    private static string Text(EnvironmentCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return string.Join('\n', check.Problems.Select(problem => $"{check.Name}: {problem.Rule}: {problem.Message}"));
    }
}
