using System.Globalization;
using System.Text;
using PgFast.Variance;

namespace PgFast.Reports;

/// <summary>Numbers as people read them: a few significant digits, invariant culture.</summary>
internal static class NumberText
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>What stands where there is no number.</summary>
    public const string Missing = "–";

    /// <summary>Four significant digits; a power of ten beyond 10⁶ and below 10⁻³.</summary>
    public static string Short(double value, int digits = 4)
    {
        if (double.IsNaN(value))
            return Missing;
        if (double.IsInfinity(value))
            return value > 0 ? "∞" : "−∞";
        if (value == 0)
            return "0";
        // Rounded to the digits first: 9.9996 is 10.00, not 9.9996 with one decimal less.
        string[] parts = value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture).Split('E');
        int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (exponent is < -3 or >= 6)
            return $"{Signed(parts[0])}·10{Superscript(exponent)}";
        int decimals = Math.Max(0, digits - 1 - exponent);
        return Signed(value.ToString($"N{decimals}", CultureInfo.InvariantCulture));
    }

    /// <summary>The shortest text, for numbers that someone chose: 0.99 and not 0.9900.</summary>
    public static string Chosen(double value) =>
        double.IsNaN(value) ? Missing : Signed(value.ToString("0.#######", CultureInfo.InvariantCulture));

    /// <summary>An interval in brackets, or nothing where there is none.</summary>
    public static string Of(ConfidenceInterval interval) =>
        !interval.IsKnown ? "" : $"[{Short(interval.Low, 3)}, {Short(interval.High, 3)}{(double.IsPositiveInfinity(interval.High) ? ")" : "]")}";

    /// <summary>A count with separators.</summary>
    public static string Count(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? Missing;

    /// <summary>The label of a tick: 0.01 to 9,999 as they are, others as a power of ten, which is all that such ticks are.</summary>
    public static string Tick(double value)
    {
        double magnitude = Math.Abs(value);
        if (magnitude is 0 or (>= 0.009 and < 9999.5))
            return Signed(value.ToString("#,0.####", CultureInfo.InvariantCulture));
        string[] parts = value.ToString("E3", CultureInfo.InvariantCulture).Split('E');
        string mantissa = Signed(parts[0].TrimEnd('0').TrimEnd('.'));
        string power = $"10{Superscript(int.Parse(parts[1], CultureInfo.InvariantCulture))}";
        return mantissa == "1" ? power : $"{mantissa}·{power}";
    }

    /// <summary>The label of a tick of a count: 0, 50k, 1.5M.</summary>
    public static string CountTick(double value) => Math.Abs(value) switch
    {
        >= 1e9 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + "G",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("#,0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>A level as a percentage, such as 95 %.</summary>
    public static string Percent(double fraction) => (100 * fraction).ToString("0.###", CultureInfo.InvariantCulture) + " %";

    private static string Signed(string text) => text.Replace('-', '−');

    private static string Superscript(int exponent)
    {
        StringBuilder text = new(exponent < 0 ? "⁻" : "");
        foreach (char digit in Math.Abs(exponent).ToString(CultureInfo.InvariantCulture))
            text.Append(Superscripts[digit - '0']);
        return text.ToString();
    }
}
