using System.Globalization;

namespace PgFast.Cli.Output;

/// <summary>Where output goes, and how numbers read there.</summary>
internal static class Terminal
{
    /// <summary>Whether standard output is a terminal that understands colour and cursor movement.</summary>
    public static bool IsLive { get; } =
        !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("TERM") is not "dumb"
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public static string Strong(string text) => IsLive ? $"\e[1m{text}\e[0m" : text;

    public static string Good(string text) => IsLive ? $"\e[32m{text}\e[0m" : text;

    public static string Bad(string text) => IsLive ? $"\e[33m{text}\e[0m" : text;

    public static string Faint(string text) => IsLive ? $"\e[2m{text}\e[0m" : text;

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A duration in the unit that suits it.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 1e-3 => Number(seconds * 1e6, "0.#") + " µs",
        < 1 => Number(seconds * 1e3, "0.##") + " ms",
        _ => Number(seconds, "0.##") + " s",
    };

    /// <summary>A rate in millions, or in thousands where it is small.</summary>
    public static string Rate(double perSecond) =>
        perSecond >= 1e6 ? Number(perSecond / 1e6, "0.0") + " M" : Number(perSecond / 1e3, "0.0") + " k";
}
