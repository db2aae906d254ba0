using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace PgFast.Reports.Figures;

/// <summary>A learning curve over independent runs.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="MeanReward">[episode]; mean over the runs of the episode's total reward.</param>
public sealed record RewardCurve(string Name, IReadOnlyList<double> MeanReward);

/// <summary>Total reward of an episode, averaged over runs, against the episode: the form of the book's figures 13.1 and 13.2.</summary>
public static class RewardCurves
{
    private const double Height = 300;

    /// <summary>Rewards below this are cut off, as in the book.</summary>
    private const double Lowest = -92;

    // From light to dark, so that they can be told apart in grey where they cross.
    private static readonly OxyColor[] Colors = [OxyColor.FromRgb(0, 134, 100), OxyColor.FromRgb(213, 94, 0), OxyColor.FromRgb(0, 72, 118)];

    /// <summary>Draws the curves beside the return of the best policy.</summary>
    /// <param name="name">The figure's name.</param>
    /// <param name="title">Its title.</param>
    /// <param name="curves">At least one, with at least two episodes.</param>
    /// <param name="runs">Runs that each is the mean of.</param>
    /// <param name="best">v*(s₀), a dashed line.</param>
    /// <param name="remark">What else the runs have in common.</param>
    public static Figure Draw(string name, string title, IReadOnlyList<RewardCurve> curves, int runs, double best, string remark)
    {
        ArgumentNullException.ThrowIfNull(curves);
        int episodes = curves.Max(curve => curve.MeanReward.Count);
        string over = $"mean of {NumberText.Count(runs)} runs, {remark}";
        PlotModel model = Drawing.Model(title, over);
        LinearAxis episode = Drawing.Styled(new LinearAxis(), AxisPosition.Bottom, "episode");
        (episode.Minimum, episode.Maximum) = (0, episodes * 1.01);
        episode.LabelFormatter = NumberText.CountTick;
        episode.IntervalLength = 45;
        model.Axes.Add(episode);
        LinearAxis reward = Drawing.Styled(new LinearAxis(), AxisPosition.Left, "total reward on episode, G₀");
        reward.LabelFormatter = NumberText.Tick;
        double lowest = curves.Min(curve => curve.MeanReward.Min());
        (reward.Minimum, reward.Maximum) = (Math.Max(Lowest, 1.05 * lowest), 0);
        model.Axes.Add(reward);
        Drawing.AddLegend(model);
        for (int index = 0; index < curves.Count; index++)
        {
            LineSeries line = new() { Title = curves[index].Name, Color = Colors[index % Colors.Length], StrokeThickness = 1 };
            line.Points.AddRange(curves[index].MeanReward.Select((value, at) => new DataPoint(at + 1, value)));
            model.Series.Add(line);
        }

        model.Series.Add(new LineSeries
        {
            Title = $"v*(s₀) = {NumberText.Short(best)}",
            Color = FigureStyle.Ink,
            StrokeThickness = 1.2,
            LineStyle = LineStyle.Dash,
            Points = { new DataPoint(0, best), new DataPoint(episodes * 1.01, best) },
        });
        string caption = $"Total reward of an episode, {over}, one line a step size. The dashed line is the best that a policy can reach.";
        return Drawing.Finish(model, name, $"{title}: total reward against episode", caption, Height);
    }
}
