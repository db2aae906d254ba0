using PgFast.Cli.Runs;
using PgFast.Training;

namespace PgFast.Cli.Sweeps;

/// <summary>A learning curve at equal distances, kept as the run goes: linear between updates, the last value after the end.</summary>
/// <param name="points">How many; the last is at the budget.</param>
/// <param name="budget">In updates or environment steps.</param>
/// <param name="inSteps">Whether the budget is in environment steps.</param>
internal sealed class SweepCurve(int points, long budget, bool inSteps) : IRunObserver
{
    private readonly double[] _returns = new double[points];
    private readonly double[] _entropies = new double[points];
    private int _filled;
    private Sample _last;
    private bool _begun;

    public void Updated(in UpdateResult update, Trainer trainer, double trainSeconds, bool isEvaluationDue)
    {
        Sample sample = new(inSteps ? trainer.EnvironmentSteps : update.Update, update.MeanReturn, update.Entropy);
        // Before the first update's end nothing is known: its batch stands for that stretch.
        Sample from = _begun ? _last : sample;
        while (_filled < points && PlaceOf(_filled) <= sample.Place)
            Fill(from, sample);
        _last = sample;
        _begun = true;
    }

    /// <summary>The curves; points that no update reached have the last value.</summary>
    /// <param name="meanReturn">Of the final policy: the only return there is where the first update diverged. The entropy is NaN then.</param>
    public (double[] Returns, double[] Entropies) Finish(double meanReturn)
    {
        Sample last = _begun ? _last : new Sample(0, meanReturn, double.NaN);
        while (_filled < points)
            Fill(last, last);
        return (_returns, _entropies);
    }

    /// <summary>Where a point lies.</summary>
    public static double PlaceOf(int point, int points, long budget) => budget * (point + 1.0) / points;

    private double PlaceOf(int point) => PlaceOf(point, points, budget);

    private void Fill(Sample from, Sample to)
    {
        double distance = to.Place - from.Place;
        double share = distance > 0 ? Math.Clamp((PlaceOf(_filled) - from.Place) / distance, 0, 1) : 1;
        _returns[_filled] = double.Lerp(from.Return, to.Return, share);
        _entropies[_filled] = double.Lerp(from.Entropy, to.Entropy, share);
        _filled++;
    }

    private readonly record struct Sample(double Place, double Return, double Entropy);
}
