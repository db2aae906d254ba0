using System.Text.Json;

namespace PgFast.Tests.Golden;

/// <summary>Learning curves of REINFORCE on the short corridor, α = 2⁻¹³, over 3,000 runs of another implementation.</summary>
/// <param name="Points">Mean total reward of an episode, or over a range of episodes (both ends counted), with its standard error.</param>
/// <param name="Curve">Mean total reward of episodes 25, 50, …, 1,000.</param>
/// <param name="FinalRight">Mean over the runs of the final probability of right, and standard deviation.</param>
internal sealed record GoldenLearningCurve(
    IReadOnlyList<(int First, int Last, double Mean, double Error)> Points, double[] Curve, (double Mean, double Deviation) FinalRight)
{
    /// <summary>Number of runs.</summary>
    public const int Runs = 3000;

    /// <summary>Reads one variant.</summary>
    /// <param name="variant">Its name in the file.</param>
    public static GoldenLearningCurve Load(string variant)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(GoldenFiles.PathOf("corridor", "learning_curves.json")));
        JsonElement curve = document.RootElement.GetProperty("settings").GetProperty("reinforce alpha=2^-13")
            .GetProperty("vectorised_3000_runs").GetProperty(variant);
        List<(int, int, double, double)> points = [];
        foreach (JsonProperty property in curve.EnumerateObject())
        {
            string[] words = property.Name.Split('_');
            if (words[0] is not ("episode" or "mean"))
                continue;
            int last = int.Parse(words[^1]), first = words[0] == "mean" ? int.Parse(words[^2]) : last;
            points.Add((first, last, property.Value.GetProperty("mean").GetDouble(), property.Value.GetProperty("se").GetDouble()));
        }

        JsonElement right = curve.GetProperty("final_p_right");
        return new GoldenLearningCurve(
            points, [.. curve.GetProperty("curve_every_25").EnumerateArray().Select(element => element.GetDouble())],
            (right.GetProperty("mean").GetDouble(), right.GetProperty("sd").GetDouble()));
    }
}
