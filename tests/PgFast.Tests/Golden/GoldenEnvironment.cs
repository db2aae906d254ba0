using System.Globalization;

namespace PgFast.Tests.Golden;

/// <summary>One transition of a Gymnasium environment.</summary>
/// <param name="Kind">How the state came about.</param>
/// <param name="Time">Steps of a trajectory before this one, from 0.</param>
/// <param name="State">Before the step.</param>
/// <param name="Action">An index, or a real number.</param>
/// <param name="NextState">After it.</param>
/// <param name="Observation">After it; empty where the observation is the state.</param>
/// <param name="Reward">Of the step.</param>
/// <param name="Terminated">Whether the next state is terminal.</param>
/// <param name="Truncated">Whether the step limit was reached; means nothing outside trajectories.</param>
internal sealed record GoldenStep(
    GoldenRowKind Kind, int Time, double[] State, double Action, double[] NextState, double[] Observation, double Reward, bool Terminated,
    bool Truncated);

/// <summary>The recorded transitions of Gymnasium's classic control (see <c>tests/golden/README.md</c>), read by the names of their columns.</summary>
internal static class GoldenEnvironment
{
    /// <summary>All rows of a file, in its order.</summary>
    /// <param name="name">Such as <c>Pendulum-v1</c>.</param>
    public static IReadOnlyList<GoldenStep> Load(string name)
    {
        string[] lines = File.ReadAllLines(GoldenFiles.PathOf("envs", name + ".csv"));
        string[] columns = lines[0].Split(',');
        int action = Array.IndexOf(columns, "action"), reward = Array.IndexOf(columns, "reward");
        int states = action - 3;
        return [.. lines.Skip(1).Select(line => Parse(line.Split(',')))];

        GoldenStep Parse(string[] cells) => new(
            cells[0] switch
            {
                "reset" => GoldenRowKind.Reset,
                "broad" => GoldenRowKind.Broad,
                "traj" => GoldenRowKind.Trajectory,
                _ => throw new InvalidDataException($"Unknown kind of row: {cells[0]}"),
            },
            (int)Real(cells[2]),
            Reals(cells[3..action]),
            Real(cells[action]),
            Reals(cells[(action + 1)..(action + 1 + states)]),
            Reals(cells[(action + 1 + states)..reward]),
            Real(cells[reward]),
            Real(cells[reward + 1]) == 1,
            Real(cells[reward + 2]) == 1);
    }

    private static double[] Reals(string[] cells) => [.. cells.Select(Real)];

    private static double Real(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
