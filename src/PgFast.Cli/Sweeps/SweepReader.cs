using System.Globalization;
using System.Text.Json.Nodes;
using PgFast.Cli.Options;
using PgFast.Training;

namespace PgFast.Cli.Sweeps;

/// <summary>Reads a sweep file: checks every key and every value before any run begins.</summary>
internal sealed class SweepReader
{
    /// <summary>Name of the axis of named variants.</summary>
    public const string VariantAxis = "variant";

    /// <summary>Most runs of a sweep: each is a file.</summary>
    public const int MaximumRuns = 1_000_000;

    private const int DefaultSeeds = 20;
    private const int DefaultPoints = 50;

    private static readonly string[] Keys =
    [
        "name", "description", "environment", "seeds", "seed", "updates", "env-steps", "eval-episodes", "score", "points", "confidence",
        "replicates", "reference", "scale", "options", "grid", "variants",
    ];

    private static readonly (string Name, SweepScore Value)[] Scores = [("final", SweepScore.Final), ("curve", SweepScore.Curve)];

    private readonly SweepTable _top;
    private readonly SweepOptions _options = new();

    private SweepReader(SweepTable top) => _top = top;

    /// <summary>How a file spells a score.</summary>
    public static string NameOf(SweepScore score) => Values.NameOf(Scores, score);

    /// <summary>Reads a file's text.</summary>
    /// <param name="path">The file; its ending tells the format, its name is the sweep's if it has no other.</param>
    /// <param name="text">The content.</param>
    /// <exception cref="UsageException">Something in it is wrong; the message names the key and says what is allowed.</exception>
    public static SweepDefinition Read(string path, string text)
    {
        SweepTable top = new(path, "", SweepTree.Parse(path, text));
        top.RequireKnown(Keys);
        return new SweepReader(top).Read();
    }

    private SweepDefinition Read()
    {
        string[] names = _top.Texts("environment") ?? throw Missing("environment", "an environment's name or a list of them");
        EnvironmentEntry[] environments = [.. names.Select(FindEnvironment)];
        (long? updates, long? steps) = Budget();
        SweepGrid grid = SweepGrid.Read(_top, _options);
        ulong[] seeds = Seeds();
        if ((double)grid.Count * environments.Length * seeds.Length > MaximumRuns)
        {
            throw new UsageException(
                string.Create(CultureInfo.InvariantCulture, $"'{_top.File}': {grid.Count:N0} configurations with {seeds.Length:N0} seeds on {environments.Length} environments are more than {MaximumRuns:N0} runs"));
        }

        SweepConfiguration[] configurations =
            [.. grid.Points(_top.Table("options")).Select(point => Configuration(point, environments, updates, steps))];
        RequireDistinct(configurations);
        return new SweepDefinition
        {
            Name = _top.Text("name") ?? Path.GetFileNameWithoutExtension(_top.File),
            Description = _top.Text("description"),
            Environments = environments,
            Axes = grid.Axes,
            Configurations = configurations,
            Reference = grid.ReferenceAmong(configurations),
            Seeds = seeds,
            Updates = updates,
            EnvironmentSteps = steps,
            EvaluationEpisodes = (int)(_top.Whole("eval-episodes", 1, 16_777_216) ?? 1000),
            Score = Score(),
            Points = (int)(_top.Whole("points", 2, 10_000) ?? DefaultPoints),
            Confidence = _top.Number("confidence", value => value is > 0 and < 1, "a number between 0 and 1") ?? 0.95,
            Replicates = (int)(_top.Whole("replicates", 1, 1_000_000) ?? 2000),
            Scale = Scale(environments),
        };
    }

    private EnvironmentEntry FindEnvironment(string name)
    {
        try
        {
            return CommonOptions.FindEnvironment(name);
        }
        catch (UsageException exception)
        {
            throw new UsageException($"'{_top.File}': environment: {exception.Message}");
        }
    }

    private (long? Updates, long? EnvironmentSteps) Budget()
    {
        long? updates = _top.Whole("updates", 1, long.MaxValue), steps = _top.Whole("env-steps", 1, long.MaxValue);
        if (updates is null == steps is null)
        {
            string found = updates is null ? "neither is given" : "both are given";
            throw new UsageException($"'{_top.File}': a run's budget is either updates or env-steps, a whole number of at least 1; {found}");
        }

        return (updates, steps);
    }

    private ulong[] Seeds()
    {
        if (_top.Has("seeds") && _top["seeds"] is JsonArray list)
        {
            if (_top.Has("seed"))
                throw new UsageException($"'{_top.File}': seed is the first of a number of seeds; seeds lists them one by one");
            ulong[] seeds = [.. list.Select(SeedOf)];
            if (seeds.Length == 0)
                throw _top.Wrong("seeds", "a number of seeds or a list that is not empty");
            _top.RequireDistinct("seeds", [.. seeds.Select(seed => seed.ToString(CultureInfo.InvariantCulture))]);
            return seeds;
        }

        int count = (int)(_top.Whole("seeds", 1, MaximumRuns) ?? DefaultSeeds);
        ulong first = (ulong)(_top.Whole("seed", 0, long.MaxValue - MaximumRuns) ?? 1);
        return [.. Enumerable.Range(0, count).Select(index => first + (ulong)index)];
    }

    private ulong SeedOf(JsonNode? node) =>
        node is not null && SweepTable.TryWhole(node, out long seed) && seed >= 0 ? (ulong)seed : throw _top.Wrong("seeds", "a number of seeds or a list of whole numbers of at least 0");

    private SweepScore Score()
    {
        string? text = _top.Text("score");
        int index = Array.FindIndex(Scores, score => score.Name == (text ?? "final"));
        return index >= 0 ? Scores[index].Value : throw _top.Wrong("score", "final or curve");
    }

    private (double Low, double High)[]? Scale(EnvironmentEntry[] environments)
    {
        if (_top.Table("scale") is not { } table)
            return null;
        table.RequireKnown([.. environments.Select(environment => environment.Name)]);
        return [.. environments.Select(environment => Ends(table, environment.Name))];
    }

    private static (double Low, double High) Ends(SweepTable table, string environment)
    {
        const string Allowed = "two returns, that of a score of 0 and a greater one of a score of 1";
        if (!table.Has(environment) || table[environment] is not JsonArray { Count: 2 } pair)
            throw table.Wrong(environment, Allowed);
        double[] ends = [.. pair.Select(end => Return(end))];
        return ends[0] < ends[1] ? (ends[0], ends[1]) : throw table.Wrong(environment, Allowed);

        double Return(JsonNode? node) =>
            node is not null && double.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
                ? value
                : throw table.Wrong(environment, Allowed);
    }

    private SweepConfiguration Configuration(SweepPoint point, EnvironmentEntry[] environments, long? updates, long? steps)
    {
        try
        {
            return new SweepConfiguration(
                point.Label, point.Place, [.. environments.Select(environment => _options.Read(point.Settings, environment, updates, steps))]);
        }
        catch (UsageException exception)
        {
            throw new UsageException($"'{_top.File}': configuration '{point.Label}': {exception.Message}");
        }
    }

    /// <summary>Two spellings of one value, or of one the default, would be the same runs twice.</summary>
    private void RequireDistinct(SweepConfiguration[] configurations)
    {
        Dictionary<string, string> labels = [];
        foreach (SweepConfiguration configuration in configurations)
        {
            string key = string.Concat(configuration.Options.Select(SweepKey.TextOf));
            if (!labels.TryAdd(key, configuration.Label))
                throw new UsageException($"'{_top.File}': configurations '{labels[key]}' and '{configuration.Label}' are the same");
        }
    }

    private UsageException Missing(string key, string allowed) => new($"'{_top.File}': {key} is missing; it must be {allowed}");
}
