using System.Globalization;
using System.Text;

namespace PgFast.Export;

/// <summary>The text of a C header under construction. In code, <c>@</c> stands for the prefix of names, <c>$</c> for that of macros.</summary>
internal sealed class CHeaderText
{
    private const int NumbersALine = 6;

    private readonly string _name;
    private readonly string _upperName;
    private readonly StringBuilder _text = new();

    public CHeaderText(string name)
    {
        _name = name;
        _upperName = name.ToUpperInvariant();
    }

    /// <summary>Adds code and a line end.</summary>
    /// <param name="code">With <c>@</c> before names of functions and constants, <c>$</c> before those of macros: C has no use for either.</param>
    public void Add(string code) => _text.Append(code.ReplaceLineEndings("\n")
        .Replace("@", $"{_name}_", StringComparison.Ordinal).Replace("$", $"{_upperName}_", StringComparison.Ordinal)).Append('\n');

    /// <summary>Adds a line of the comment at the top; what could end the comment or the line is replaced.</summary>
    public void AddComment(string text)
    {
        _text.Append(" *");
        if (text.Length > 0)
            _text.Append(' ');
        foreach (char character in text)
            _text.Append(char.IsAscii(character) && !char.IsControl(character) && !"*/\\?".Contains(character) ? character : '_');
        _text.Append('\n');
    }

    /// <summary>Adds an array of constants.</summary>
    public void AddArray(string name, ReadOnlySpan<float> values)
    {
        _text.Append(CultureInfo.InvariantCulture, $"static const float {_name}_{name}[{values.Length}] = {{");
        for (int i = 0; i < values.Length; i++)
            _text.Append(i % NumbersALine == 0 ? "\n    " : " ").Append(Number(values[i])).Append(',');
        _text.Append("\n};\n\n");
    }

    /// <summary>
    /// A number as a constant of type float, with nine digits: as many as tell any two floats apart (Matula, 1968). Infinite is what parameters
    /// give that are finite but huge, such as σ of a log σ above 88.
    /// </summary>
    public static string Number(float value)
    {
        if (float.IsInfinity(value))
            return value > 0 ? "INFINITY" : "-INFINITY";
        string digits = value.ToString("G9", CultureInfo.InvariantCulture);
        return digits.AsSpan().IndexOfAny('.', 'E') < 0 ? $"{digits}.0f" : $"{digits}f";
    }

    /// <summary>The whole text.</summary>
    public string Finish() => _text.ToString();
}
