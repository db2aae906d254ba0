using System.Globalization;

namespace PgFast.Tests.Golden;

/// <summary>What a row of the CartPole data is.</summary>
internal enum GoldenRowKind
{
    /// <summary>One step from a state of the reset distribution.</summary>
    Reset,

    /// <summary>One step from anywhere in the state space; truncation means nothing here.</summary>
    Broad,

    /// <summary>A step of an open-loop episode.</summary>
    Trajectory,
}

/// <summary>One transition of Gymnasium's CartPole-v1; states are x, x′, θ, θ′.</summary>
internal sealed record GoldenTransition(
    GoldenRowKind Kind,
    int Trajectory,
    int Time,
    double[] State,
    int Action,
    double[] NextState,
    double Reward,
    bool Terminated,
    bool Truncated);

/// <summary>The recorded transitions of Gymnasium's CartPole-v1 (see <c>tests/golden/README.md</c>).</summary>
internal static class GoldenCartPole
{
    private const string Header =
        "kind,traj,t,x,x_dot,theta,theta_dot,action,next_x,next_x_dot,next_theta,next_theta_dot,reward,terminated,truncated";

    private static readonly Lazy<IReadOnlyList<GoldenTransition>> AllRows = new(Load);

    /// <summary>All rows, in file order.</summary>
    public static IReadOnlyList<GoldenTransition> Rows => AllRows.Value;

    private static GoldenTransition[] Load()
    {
        string[] lines = File.ReadAllLines(GoldenFiles.PathOf("envs", "CartPole-v1.csv"));
        return lines[0] == Header
            ? [.. lines.Skip(1).Select(Parse)]
            : throw new InvalidDataException($"Unexpected columns: {lines[0]}");
    }

    private static GoldenTransition Parse(string line)
    {
        string[] cells = line.Split(',');
        GoldenRowKind kind = cells[0] switch
        {
            "reset" => GoldenRowKind.Reset,
            "broad" => GoldenRowKind.Broad,
            "traj" => GoldenRowKind.Trajectory,
            _ => throw new InvalidDataException($"Unknown kind of row: {cells[0]}"),
        };
        return new GoldenTransition(
            kind,
            Trajectory: Integer(cells[1]),
            Time: Integer(cells[2]),
            State: [.. cells[3..7].Select(Real)],
            Action: Integer(cells[7]),
            NextState: [.. cells[8..12].Select(Real)],
            Reward: Real(cells[12]),
            Terminated: Integer(cells[13]) == 1,
            Truncated: Integer(cells[14]) == 1);
    }

    private static int Integer(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);

    private static double Real(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
