using System.Text;
using System.Text.Json.Nodes;
using PgFast.Reports.Input;

namespace PgFast.Tests.Reports;

/// <summary>Documents as <c>pgfast sweep</c> writes them, with plausible numbers from formulas.</summary>
internal static class SampleSweeps
{
    public const string LongName = "with a baseline that is learned, and a name for several lines";

    private const int Seeds = 5;
    private const int Points = 8;
    private const double StepsAPoint = 25_000;

    /// <summary>Every combination of the axes on every environment; the first configuration is the reference, later ones are better.</summary>
    /// <param name="environments">Their names.</param>
    /// <param name="axes">The grid.</param>
    public static JsonObject Document(string[] environments, params (string Name, string[] Values)[] axes)
    {
        IEnumerable<string[]> places = [[]];
        foreach ((_, string[] values) in axes)
            places = places.SelectMany(place => values, (place, value) => (string[])[.. place, value]);
        string[][] grid = [.. places];
        string[] labels = [.. grid.Select(place => string.Join(", ", place.Select((value, axis) => axes[axis].Name == "variant" ? value : $"{axes[axis].Name} {value}")))];
        return new JsonObject
        {
            ["name"] = "sample",
            ["description"] = "A sweep that no one did.",
            ["version"] = "0.1.0",
            ["runs"] = grid.Length * environments.Length * Seeds,
            ["finishedRuns"] = grid.Length * environments.Length * Seeds,
            ["environments"] = Texts(environments),
            ["seeds"] = Numbers(Enumerable.Range(1, Seeds).Select(seed => (double)seed)),
            ["updates"] = null,
            ["environmentSteps"] = (long)(Points * StepsAPoint),
            ["evaluationEpisodes"] = 1000,
            ["score"] = "final",
            ["confidence"] = 0.95,
            ["replicates"] = 2000,
            ["axes"] = new JsonArray([.. axes.Select(axis => (JsonNode)new JsonObject { ["name"] = axis.Name, ["values"] = Texts(axis.Values) })]),
            ["points"] = Numbers(Enumerable.Range(1, Points).Select(point => point * StepsAPoint)),
            ["reference"] = labels[0],
            ["configurations"] = new JsonArray([.. grid.Select((place, index) => (JsonNode)Configuration(environments, axes, place, labels[index], index))]),
        };
    }

    /// <summary>Baselines and step sizes on one environment.</summary>
    public static JsonObject Small() => Document(["cartpole"], ("baseline", ["none", "time"]), ("lr", ["0.001", "0.01", "0.1"]));

    /// <summary>More configurations than a figure has lines, some with long names, on two environments.</summary>
    public static JsonObject Large() =>
        Document(["cartpole", "lunar lander"], ("variant", ["plain", LongName]), ("gamma", ["0.9", "0.99", "1"]), ("batch", ["8", "64"]));

    public static Sweep Parse(JsonNode document) => SweepFile.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()));

    /// <summary>The configuration at an index, to be changed.</summary>
    public static JsonObject At(JsonObject document, int index) => document["configurations"]![index]!.AsObject();

    private static JsonObject Configuration(string[] environments, (string Name, string[] Values)[] axes, string[] place, string label, int index)
    {
        double improvement = 1 - 0.5 / (1 + 0.3 * index);
        return new JsonObject
        {
            ["label"] = label,
            ["place"] = new JsonObject(axes.Zip(place, (axis, value) => KeyValuePair.Create(axis.Name, (JsonNode?)value))),
            ["probabilityOfImprovement"] = index == 0 ? null : improvement,
            ["probabilityOfImprovementInterval"] = index == 0 ? null : new JsonArray(0.8 * improvement, Math.Min(1, 1.1 * improvement)),
            ["scaledInterquartileMean"] = environments.Length > 1 ? 0.3 + 0.05 * index : null,
            ["scaledInterquartileMeanInterval"] = environments.Length > 1 ? new JsonArray(0.25 + 0.05 * index, 0.4 + 0.05 * index) : null,
            ["results"] = new JsonArray([.. environments.Select((environment, place) => (JsonNode)Result(environment, 150 + 20 * index + 40 * place))]),
        };
    }

    private static JsonObject Result(string environment, double mean) => new()
    {
        ["environment"] = environment,
        ["target"] = 475,
        ["runs"] = Seeds,
        ["solved"] = 2,
        ["diverged"] = 1,
        ["interquartileMean"] = mean,
        ["interquartileMeanInterval"] = new JsonArray(mean - 12, mean + 9),
        ["median"] = mean + 1.5,
        ["medianInterval"] = new JsonArray(mean - 20, mean + 18.25),
        ["mean"] = mean - 2,
        ["meanInterval"] = new JsonArray(mean - 20, mean + 18),
        ["minimum"] = mean - 26,
        ["maximum"] = mean + 26,
        ["medianTrainSeconds"] = 0.12,
        ["scores"] = Numbers(Enumerable.Range(0, Seeds).Select(seed => mean + 13.0 * (seed - 2))),
        ["returns"] = Band(point => mean * (1 - Math.Exp(-0.4 * point)), 15),
        ["entropies"] = Band(point => 0.69 * Math.Exp(-0.1 * point), 0.02),
    };

    private static JsonObject Band(Func<int, double> middle, double width)
    {
        double[] values = [.. Enumerable.Range(1, Points).Select(middle)];
        return new JsonObject
        {
            ["interquartileMean"] = Numbers(values),
            ["low"] = Numbers(values.Select(value => value - width)),
            ["high"] = Numbers(values.Select(value => value + width)),
        };
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static JsonArray Numbers(IEnumerable<double> numbers) => new([.. numbers.Select(number => (JsonNode)number)]);
}
