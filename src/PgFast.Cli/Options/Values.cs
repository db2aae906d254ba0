using System.Globalization;

namespace PgFast.Cli.Options;

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
        string name, string group, string allowed, Func<float, bool> isAllowed, float defaultValue, string description) =>
        new(
            name,
            allowed,
            (string text, out float value) =>
                float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
                && float.IsFinite(value) && isAllowed(value),
            defaultValue)
        {
            Group = group,
            Description = description,
            HelpName = "X",
            DefaultText = float.IsFinite(defaultValue) ? defaultValue.ToString(CultureInfo.InvariantCulture) : "off",
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
        string name, string group, IReadOnlyList<(string Name, T Value)> choices, T defaultValue, string description,
        string? defaultText = null)
    {
        string[] names = [.. choices.Select(choice => choice.Name)];
        return new ExplainedOption<T>(
            name,
            names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}",
            (string text, out T value) =>
            {
                int index = Array.FindIndex(names, n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase));
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

    /// <summary>One of a few names, or null where none is given: the environment then has a default of its own.</summary>
    public static ExplainedOption<T?> OptionalChoice<T>(
        string name, string group, IReadOnlyList<(string Name, T Value)> choices, string description, string defaultText)
        where T : struct =>
        Choice(name, group, [.. choices.Select(choice => (choice.Name, (T?)choice.Value))], null, description, defaultText);

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

    public static string NameOf<T>(IReadOnlyList<(string Name, T Value)> choices, T value) =>
        choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Name;

    private static string Text(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
