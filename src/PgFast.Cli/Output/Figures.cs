using PgFast.Variance;

namespace PgFast.Cli.Output;

/// <summary>Measured numbers as a person reads them: a few significant digits, and how sure they are.</summary>
internal static class Figures
{
    /// <summary>What stands where there is no number.</summary>
    public const string Unknown = "–";

    /// <summary>Digits of a value without an interval, or one beside which ± stands.</summary>
    private const int Digits = 4;

    /// <summary>An interval whose halves differ by more than this part is shown by its ends.</summary>
    private const double Asymmetry = 0.1;

    /// <summary>A number to so many significant digits; very large and small ones with an exponent.</summary>
    public static string Significant(double value, int digits = Digits)
    {
        if (double.IsNaN(value))
            return Unknown;
        if (double.IsInfinity(value))
            return value > 0 ? "∞" : "−∞";
        if (value == 0)
            return "0";
        // The exponent of the rounded number: 999.96 has that of 1,000.
        string scientific = Terminal.Number(value, $"0.{new string('0', digits - 1)}e0");
        int exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('e') + 1), System.Globalization.CultureInfo.InvariantCulture);
        if (exponent is < -3 or > 5)
            return scientific;
        int decimals = digits - 1 - exponent;
        if (decimals > 0)
            return Terminal.Number(value, $"0.{new string('0', decimals)}");
        double unit = Math.Pow(10, -decimals);
        return Terminal.Number(Math.Round(value / unit) * unit, "#,0");
    }

    /// <summary>A number and its interval, in two cells; unknown where there is no interval: a number alone would claim too much.</summary>
    public static (string Value, string Interval) WithInterval(double value, ConfidenceInterval interval)
    {
        // Without a number the interval may still say something: where a denominator may be 0, from where on the quotient lies.
        if (!double.IsFinite(value) || !interval.IsKnown)
            return (Unknown, interval.IsKnown ? Ends(interval) : "");
        double below = value - interval.Low, above = interval.High - value;
        if (below == 0 && above == 0)
            return (Terminal.Number(value, "0.###"), "");
        bool isSymmetric = below >= 0 && above >= 0 && double.IsFinite(above) && Math.Abs(above - below) <= Asymmetry * Math.Max(above, below);
        return isSymmetric
            ? (Significant(value), $"± {Significant(Math.Max(above, below), 2)}")
            : (Significant(value, 3), Ends(interval));
    }

    /// <summary>An interval by its ends, half open where it has no upper one.</summary>
    public static string Ends(ConfidenceInterval interval) =>
        $"[{Significant(interval.Low, 3)}, {Significant(interval.High, 3)}{(double.IsFinite(interval.High) ? ']' : ')')}";

    /// <summary>A duration to three digits, in the unit that suits it.</summary>
    public static string Time(double seconds) => seconds switch
    {
        double.NaN => Unknown,
        < 1e-6 => $"{Significant(seconds * 1e9, 3)} ns",
        < 1e-3 => $"{Significant(seconds * 1e6, 3)} µs",
        < 1 => $"{Significant(seconds * 1e3, 3)} ms",
        _ => $"{Significant(seconds, 3)} s",
    };

    /// <summary>How long to wait, in whole seconds, minutes or hours.</summary>
    public static string Wait(double seconds)
    {
        double whole = Math.Ceiling(seconds);
        return whole switch
        {
            < 60 => $"{Terminal.Number(whole, "0")} s",
            < 3600 => $"{Terminal.Number(Math.Floor(whole / 60), "0")} min {Terminal.Number(whole % 60, "00")} s",
            _ => $"{Terminal.Number(Math.Floor(whole / 3600), "#,0")} h {Terminal.Number(Math.Floor(whole % 3600 / 60), "00")} min",
        };
    }
}
