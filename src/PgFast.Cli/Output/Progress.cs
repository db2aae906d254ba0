using System.Diagnostics;
using PgFast.Cli.Runs;
using PgFast.Training;

namespace PgFast.Cli.Output;

/// <summary>Shows how a run goes on: a live table in a terminal, a line every second elsewhere, nothing in short runs.</summary>
/// <remarks>Works between updates, never in their timed part, and only as often as anyone can read.</remarks>
internal sealed class Progress : IRunObserver
{
    private const double LiveSeconds = 0.1;
    private const double PlainSeconds = 1;
    private const int LiveWidth = 64;
    private const int NameWidth = 18;

    private readonly TextWriter _output;
    private readonly bool _live;
    private readonly long _interval;
    private readonly double? _target;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private long _last = Stopwatch.GetTimestamp();
    private int _linesShown;

    /// <param name="toError">Whether standard output belongs to a JSON document.</param>
    /// <param name="target">The mean return aimed for, or null.</param>
    public Progress(bool toError, double? target)
    {
        _output = toError ? Console.Error : Console.Out;
        _live = !toError && Terminal.IsLive && Console.WindowWidth >= LiveWidth;
        _interval = (long)((_live ? LiveSeconds : PlainSeconds) * Stopwatch.Frequency);
        _target = target;
    }

    public void Updated(in UpdateResult update, Trainer trainer, double trainSeconds, bool isEvaluationDue)
    {
        if (Stopwatch.GetTimestamp() - _last < _interval)
            return;
        if (_live)
            ShowTable(update, trainer, trainSeconds);
        else
            _output.WriteLine(Line(update, trainer, trainSeconds));
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Shows how many of several runs are done.</summary>
    public void Runs(int done, int solved, int all, string noun)
    {
        if (Stopwatch.GetTimestamp() - _last < _interval)
            return;
        string text = $"{done} of {all} {noun} done, {solved} solved{Rest(done, all)}";
        if (_live)
            _output.Write($"\r\e[2K{text}");
        else
            _output.WriteLine(text);
        _linesShown = 0;
        _last = Stopwatch.GetTimestamp();
    }

    private string Rest(int done, int all) =>
        done == 0 ? "" : $", about {Figures.Wait(Stopwatch.GetElapsedTime(_begin).TotalSeconds / done * (all - done))} left";

    /// <summary>Removes what is shown live, so that the summary takes its place.</summary>
    public void Clear()
    {
        if (!_live)
            return;
        _output.Write(_linesShown > 0 ? $"\e[{_linesShown}A\r\e[0J" : "\r\e[0J");
        _linesShown = 0;
    }

    private static string Line(in UpdateResult update, Trainer trainer, double trainSeconds)
    {
        string entropy = double.IsNaN(update.Entropy) ? "" : $"  entropy {Terminal.Number(update.Entropy, "0.000")}";
        return $"update {Terminal.Count(update.Update)}  return {Terminal.Number(update.MeanReturn, "0.0")}{entropy}"
            + $"  gradient norm {Terminal.Number(update.GradientNorm, "0.000")}"
            + $"  {Terminal.Rate(trainer.EnvironmentSteps / trainSeconds)} env-steps/s";
    }

    private void ShowTable(in UpdateResult update, Trainer trainer, double trainSeconds)
    {
        List<(string Name, string Value)> rows =
        [
            ("training", trainer.Environment.Name),
            ("update", Terminal.Count(update.Update)),
            ("mean return", Terminal.Number(update.MeanReturn, "0.0")),
            ("gradient norm", Terminal.Number(update.GradientNorm, "0.0000")),
            ("env-steps", Terminal.Count(trainer.EnvironmentSteps)),
            ("env-steps/s", Terminal.Rate(trainer.EnvironmentSteps / trainSeconds)),
            ("time in updates", Terminal.Duration(trainSeconds)),
        ];
        if (!double.IsNaN(update.Entropy))
            rows.Insert(3, ("entropy (nats)", Terminal.Number(update.Entropy, "0.0000")));
        bool isReached = _target is { } target && update.MeanReturn >= target;
        Clear();
        foreach ((string name, string value) in rows)
        {
            string cell = value.PadLeft(LiveWidth - NameWidth);
            _output.WriteLine($"{Terminal.Faint(name.PadRight(NameWidth))}{(name == "mean return" && isReached ? Terminal.Good(cell) : cell)}");
        }

        _linesShown = rows.Count;
    }
}
