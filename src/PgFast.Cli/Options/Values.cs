using System.Globalization;

namespace PgFast.Cli.Options;

/// <summary>Several values of an option, or none of them. Not an array, which the parser would put in place of null.</summary>
/// <param name="Items">The values.</param>
/// <param name="IsAll">Whether they were not named one by one.</param>
internal sealed record Several<T>(T[] Items, bool IsAll = false);

/// <summary>Text to values: invariant culture, whole text, range checked, never NaN.</summary>
internal static class Values
{
    public static ExplainedOption<int> Integer(
        string name, string group, int minimum, int maximum, int defaultValue, string description, string? defaultText = null) =>
        new(
            name,
            $"a whole number from {Text(minimum)} to {Text(maximum)}",
            (string text, out int value) =>
                int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
                && value >= minimum && value <= maximum,
            defaultValue)
        {
            Group = group,
            Description = description,
            HelpName = "N",
            DefaultText = defaultText ?? Text(defaultValue),
        };

    /// <summary>A positive whole number that need not be given.</summary>
    public static ExplainedOption<long?> Budget(string name, string group, string description) =>
        new(
            name,
            "a whole number of at least 1",
            (string text, out long? value) =>
            {
                bool parsed =
                    long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= 1;
                value = number;
                return parsed;
            },
            null)
        {
            Group = group,
            Description = description,
            HelpName = "N",
        };

    public static ExplainedOption<float> Number(
        string name, string group, string allowed, Func<float, bool> isAllowed, float defaultValue, string description,
        string? defaultText = null) =>
        new(
            name,
            allowed,
            (string text, out float value) => TryParseNumber(text, out value) && isAllowed(value),
            defaultValue)
        {
            Group = group,
            Description = description,
            HelpName = "X",
            DefaultText = defaultText ?? Text(defaultValue),
        };

    public static ExplainedOption<ulong?> Seed(string name, string group, string description, string defaultText) =>
        new(
            name,
            "a whole number from 0 to 18446744073709551615",
            (string text, out ulong? value) =>
            {
                bool parsed = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
                value = number;
                return parsed;
            },
            null)
        {
            Group = group,
            Description = description,
            HelpName = "S",
            DefaultText = defaultText,
        };

    /// <summary>One of a few names.</summary>
    public static ExplainedOption<T> Choice<T>(
        string name, string group, IReadOnlyList<(string Name, T Value)> choices, T defaultValue, string description, string? defaultText = null)
    {
        string[] names = [.. choices.Select(choice => choice.Name)];
        return new ExplainedOption<T>(
            name,
            names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}",
            (string text, out T value) =>
            {
                int index = IndexOf(names, text);
                value = index < 0 ? defaultValue : choices[index].Value;
                return index >= 0;
            },
            defaultValue)
        {
            Group = group,
            Description = description,
            HelpName = string.Join('|', names),
            Names = names,
            DefaultText = defaultText ?? NameOf(choices, defaultValue),
        };
    }

    /// <summary>One of a few names, or null where none is given.</summary>
    public static ExplainedOption<T?> OptionalChoice<T>(
        string name, string group, IReadOnlyList<(string Name, T Value)> choices, string description, string? defaultText = null)
        where T : struct
    {
        string[] names = [.. choices.Select(choice => choice.Name)];
        return new ExplainedOption<T?>(
            name,
            $"{string.Join(", ", names[..^1])} or {names[^1]}",
            (string text, out T? value) =>
            {
                int index = IndexOf(names, text);
                value = index < 0 ? null : choices[index].Value;
                return index >= 0;
            },
            null)
        {
            Group = group,
            Description = description,
            HelpName = string.Join('|', names),
            Names = names,
            DefaultText = defaultText,
        };
    }

    /// <summary>Some of a few names, in the names' order and each once, or all of them; null if not given.</summary>
    public static ExplainedOption<Several<T>?> Choices<T>(
        string name, string group, IReadOnlyList<(string Name, T Value)> choices, string description, string defaultText = "all")
    {
        string[] names = [.. choices.Select(choice => choice.Name)];
        return new ExplainedOption<Several<T>?>(
            name,
            $"all, or some of {string.Join(", ", names)} separated by commas",
            (string text, out Several<T>? value) =>
            {
                bool isAll = string.Equals(text, "all", StringComparison.OrdinalIgnoreCase);
                int[] indices = isAll ? [.. Enumerable.Range(0, names.Length)] : [.. text.Split(',').Select(part => IndexOf(names, part))];
                value = new Several<T>([.. indices.Where(index => index >= 0).Distinct().Order().Select(index => choices[index].Value)], isAll);
                return !indices.Contains(-1);
            },
            null)
        {
            Group = group,
            Description = description,
            HelpName = "NAMES",
            Names = names,
            Culprit = text => text.Split(',').First(part => IndexOf(names, part) < 0),
            DefaultText = defaultText,
        };
    }

    /// <summary>A time in seconds, or with its unit.</summary>
    public static ExplainedOption<TimeSpan?> Duration(string name, string group, string description) =>
        new(name, "a time above 0, such as 90 or 90s, 5m or 1h", TryParseDuration, null)
        {
            Group = group,
            Description = description,
            HelpName = "TIME",
        };

    /// <summary>Any text but an empty one, or one that looks like a misspelt option.</summary>
    public static ExplainedOption<string?> Path(string name, string group, string allowed, string helpName, string description) =>
        new(
            name,
            allowed,
            (string text, out string? value) =>
            {
                value = text;
                return !string.IsNullOrWhiteSpace(text) && text[0] != '-';
            },
            null)
        {
            Group = group,
            Description = description,
            HelpName = helpName,
        };

    /// <summary>A number as it reads back, "off" for one that is infinite.</summary>
    public static string Text(float value) => float.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : "off";

    /// <summary>A finite number, or a power of two such as 2^-13, as step sizes are often given.</summary>
    public static bool TryParseNumber(string text, out float value)
    {
        if (!text.StartsWith("2^", StringComparison.Ordinal))
            return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
        bool parsed = int.TryParse(text.AsSpan(2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int exponent);
        value = parsed ? (float)Math.ScaleB(1, Math.Clamp(exponent, -1000, 1000)) : 0;
        return parsed && float.IsFinite(value);
    }

    public static string NameOf<T>(IReadOnlyList<(string Name, T Value)> choices, T value) =>
        choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Name;

    private static bool TryParseDuration(string text, out TimeSpan? value)
    {
        const double LongestSeconds = 1e9;
        value = null;
        int unit = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        string number = unit == 0 ? text : text[..^1];
        bool parsed = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount);
        double seconds = amount * Math.Max(unit, 1);
        if (!parsed || !(seconds is > 0 and <= LongestSeconds))
            return false;
        value = TimeSpan.FromSeconds(seconds);
        return value > TimeSpan.Zero;
    }

    private static int IndexOf(string[] names, string text) =>
        Array.FindIndex(names, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));

    private static string Text(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
