using System.Text.Json.Nodes;

namespace PgFast.Cli.Sweeps;

/// <summary>A point of the grid before it is known what it means.</summary>
/// <param name="Label">What tells it from the others.</param>
/// <param name="Place">Its value on each axis.</param>
/// <param name="Settings">Options and values, each option once.</param>
internal sealed record SweepPoint(string Label, IReadOnlyList<string> Place, IReadOnlyList<KeyValuePair<string, string>> Settings);

/// <summary>The axes of a sweep file and their product: named variants first, then the options of the grid in the file's order.</summary>
internal sealed class SweepGrid
{
    private readonly SweepTable _top;
    private readonly IReadOnlyList<Axis> _axes;

    private SweepGrid(SweepTable top, IReadOnlyList<Axis> axes)
    {
        _top = top;
        _axes = axes;
        Axes = [.. axes.Select(axis => new SweepAxis(axis.Name, [.. axis.Steps.Select(step => step.Name)]))];
    }

    public IReadOnlyList<SweepAxis> Axes { get; }

    /// <summary>Configurations; as a number that may be too large for any list.</summary>
    public double Count => _axes.Aggregate(1.0, (count, axis) => count * axis.Steps.Count);

    /// <summary>Reads and checks <c>options</c>, <c>grid</c> and <c>variants</c>.</summary>
    /// <exception cref="UsageException">An option is unknown, its value not allowed, an axis empty, or there is none.</exception>
    public static SweepGrid Read(SweepTable top, SweepOptions options)
    {
        if (top.Table("options") is { } common)
            Settings(common, options);
        List<Axis> axes = [];
        if (VariantAxis(top, options) is { } variants)
            axes.Add(variants);
        if (top.Table("grid") is { } grid)
        {
            grid.RequireKnown(options.Names);
            axes.AddRange(grid.Keys.Select(key => OptionAxis(grid, key, options)));
        }

        if (axes.Count == 0)
            throw new UsageException($"'{top.File}': the grid is empty; [grid] lists the values of at least one option, or [[variants]] names some");
        Axis? shared = axes.FirstOrDefault(axis => axis.Name != SweepReader.VariantAxis && top.Table("options")?.Has(axis.Name) == true);
        if (shared is not null)
            throw new UsageException($"'{top.File}': {shared.Name} is given in options and in grid; once is enough");
        Axis? repeated = axes.Skip(1).FirstOrDefault(axis => axes[0].Name == SweepReader.VariantAxis && axes[0].Steps.Any(step => step.Settings.Any(setting => setting.Key == axis.Name)));
        if (repeated is not null)
            throw new UsageException($"'{top.File}': {repeated.Name} is given in variants and in grid; once is enough");
        return new SweepGrid(top, axes);
    }

    /// <summary>The product of the axes; the last one changes fastest.</summary>
    /// <param name="common">What all points share; a variant may replace it.</param>
    public IEnumerable<SweepPoint> Points(SweepTable? common)
    {
        KeyValuePair<string, string>[] shared = common is null ? [] : [.. common.Keys.Select(key => KeyValuePair.Create(key, common.Setting(key, common[key])))];
        IEnumerable<Step[]> places = [[]];
        foreach (Axis axis in _axes)
            places = places.SelectMany(place => axis.Steps, (place, step) => (Step[])[.. place, step]);
        foreach (Step[] place in places)
        {
            KeyValuePair<string, string>[] own = [.. place.SelectMany(step => step.Settings)];
            HashSet<string> replaced = [.. own.Select(setting => setting.Key)];
            yield return new SweepPoint(
                LabelOf(place), [.. place.Select(step => step.Name)], [.. shared.Where(setting => !replaced.Contains(setting.Key)), .. own]);
        }
    }

    /// <summary>The configuration that <c>reference</c> describes; the first where the file has none.</summary>
    /// <exception cref="UsageException">It describes none, or several.</exception>
    public int ReferenceAmong(IReadOnlyList<SweepConfiguration> configurations)
    {
        if (_top.Table("reference") is not { } reference)
            return 0;
        string[] names = [.. _axes.Select(axis => axis.Name)];
        reference.RequireKnown(names);
        int[] found =
        [
            .. Enumerable.Range(0, configurations.Count).Where(index => reference.Keys.All(key =>
                string.Equals(configurations[index].Place[Array.IndexOf(names, key)], reference.Setting(key, reference[key]), StringComparison.OrdinalIgnoreCase))),
        ];
        if (found.Length == 1)
            return found[0];
        throw new UsageException(
            found.Length == 0
                ? $"'{_top.File}': reference describes no configuration of the grid"
                : $"'{_top.File}': reference describes {found.Length} configurations of the grid; it must name a value of every axis that tells them apart");
    }

    private static Axis? VariantAxis(SweepTable top, SweepOptions options)
    {
        IReadOnlyList<SweepTable> variants = top.Tables("variants");
        if (variants.Count == 0)
            return null;
        List<Step> steps = [];
        foreach (SweepTable variant in variants)
        {
            string name = variant.Text("name") ?? throw new UsageException($"'{top.File}': {variant.PathOf("name")} is missing; every variant has one");
            steps.Add(new Step(name, Settings(variant, options)));
        }

        string? twice = steps.GroupBy(step => step.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            throw new UsageException($"'{top.File}': two variants have the name '{twice}'");
        return new Axis(SweepReader.VariantAxis, steps);
    }

    private static Axis OptionAxis(SweepTable grid, string key, SweepOptions options)
    {
        if (grid[key] is not JsonArray { Count: > 0 } array)
            throw grid.Wrong(key, "a list of values that is not empty");
        string[] values = [.. array.Select(element => grid.Setting(key, element ?? throw grid.Wrong(key, "a list of values, none of them null")))];
        foreach (string value in values)
            options.Check(grid, key, value);
        grid.RequireDistinct(key, values);
        return new Axis(key, [.. values.Select(value => new Step(value, [KeyValuePair.Create(key, value)]))]);
    }

    private static KeyValuePair<string, string>[] Settings(SweepTable table, SweepOptions options)
    {
        string[] own = table.PathOf("").StartsWith("variants", StringComparison.Ordinal) ? ["name"] : [];
        table.RequireKnown([.. own, .. options.Names]);
        List<KeyValuePair<string, string>> settings = [];
        foreach (string key in table.Keys.Except(own))
        {
            string value = table.Setting(key, table[key]);
            options.Check(table, key, value);
            settings.Add(KeyValuePair.Create(key, value));
        }

        return [.. settings];
    }

    /// <summary>Variants by their names alone, options with theirs; axes of one value tell nothing apart.</summary>
    private string LabelOf(Step[] place)
    {
        IEnumerable<string> parts = place
            .Select((step, index) => (step.Name, Axis: _axes[index]))
            .Where(part => part.Axis.Steps.Count > 1 || _axes.Count == 1)
            .Select(part => part.Axis.Name == SweepReader.VariantAxis ? part.Name : $"{part.Axis.Name} {part.Name}");
        string label = string.Join(", ", parts);
        return label.Length > 0 ? label : string.Join(", ", place.Select((step, index) => $"{_axes[index].Name} {step.Name}"));
    }

    private sealed record Step(string Name, IReadOnlyList<KeyValuePair<string, string>> Settings);

    private sealed record Axis(string Name, IReadOnlyList<Step> Steps);
}
