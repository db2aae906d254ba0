using PgFast.Cli.Output;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>Shows how far the studies are: one live line in a terminal, a plain line every few seconds elsewhere, nothing in short ones.</summary>
/// <param name="output">Where to.</param>
/// <param name="isLive">Whether that is a terminal that understands cursor movement.</param>
/// <param name="elapsed">Time since the studies began.</param>
internal sealed class StudyProgress(TextWriter output, bool isLive, Func<TimeSpan> elapsed) : IProgress<VarianceProgress>
{
    private const double FirstSeconds = 1;
    private const double LiveSeconds = 0.1;
    private const double PlainSeconds = 3;

    /// <summary>From here on a number of episodes means "until the time is over".</summary>
    private const long Unlimited = long.MaxValue / 4;

    private int _index;
    private int _count = 1;
    private double _next = FirstSeconds;
    private bool _isShown;

    /// <summary>Says which study of how many the reports are about, 0-based.</summary>
    public void Begin(int index, int count) => (_index, _count) = (index, count);

    public void Report(VarianceProgress value)
    {
        double seconds = elapsed().TotalSeconds;
        if (seconds < _next)
            return;
        _next = seconds + (isLive ? LiveSeconds : PlainSeconds);
        if (isLive)
            output.Write($"\r\e[2K{Line(value, seconds)}");
        else
            output.WriteLine(Line(value, seconds));
        output.Flush();
        _isShown = isLive;
    }

    /// <summary>Removes what is shown live, so that the report takes its place.</summary>
    public void Clear()
    {
        if (_isShown)
            output.Write("\r\e[2K");
        _isShown = false;
    }

    private string Line(VarianceProgress value, double seconds)
    {
        double fraction = (_index + Math.Clamp(value.Fraction, 0, 1)) / _count;
        string which = _count == 1 ? "" : $"policy {_index + 1} of {_count}  ";
        string of = value.Total < Unlimited ? $" of {Terminal.Count(value.Total)}" : "";
        string left = fraction > 0 ? $"  {Figures.Wait(seconds * (1 - fraction) / fraction)} left" : "";
        return $"{Terminal.Number(Math.Floor(100 * fraction), "0")} %  {which}{Terminal.Count(value.Episodes)}{of} episodes{left}";
    }
}
