using PgFast.Cli.Output;
using PgFast.Cli.Studies;
using PgFast.Variance;

namespace PgFast.Tests.Cli;

public class StudyProgressTests
{
    private static readonly VarianceProgress Quarter = new(25_000, 100_000, 0.25);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Report_WithinTheFirstSecond_ShowsNothing(bool isLive)
    {
        using StringWriter output = new();
        StudyProgress progress = new(output, isLive, () => TimeSpan.FromSeconds(0.99));
        progress.Report(Quarter);
        progress.Clear();
        Assert.Empty(output.ToString());
    }

    [Fact]
    public void Report_Plain_WritesALineEveryThreeSeconds()
    {
        using StringWriter output = new() { NewLine = "\n" };
        double now = 0;
        StudyProgress progress = new(output, isLive: false, () => TimeSpan.FromSeconds(now));
        foreach (double second in (double[])[1, 1.5, 3.9, 4, 6.9, 20])
        {
            now = second;
            progress.Report(Quarter);
        }

        progress.Clear();
        Assert.Equal(
            "25 %  25,000 of 100,000 episodes  3 s left\n25 %  25,000 of 100,000 episodes  12 s left\n"
            + "25 %  25,000 of 100,000 episodes  1 min 00 s left\n",
            output.ToString());
    }

    [Fact]
    public void Report_Live_RewritesOneLineAndRemovesIt()
    {
        using StringWriter output = new();
        double now = 2;
        StudyProgress progress = new(output, isLive: true, () => TimeSpan.FromSeconds(now));
        progress.Report(Quarter);
        now = 2.05;
        progress.Report(Quarter);
        now = 2.2;
        progress.Report(Quarter);
        progress.Clear();
        string[] lines = output.ToString().Split("\r\e[2K");
        Assert.Equal(["", "25 %  25,000 of 100,000 episodes  6 s left", "25 %  25,000 of 100,000 episodes  7 s left", ""], lines);
    }

    [Fact]
    public void Report_SeveralPolicies_CountsThemAsOnePieceOfWork()
    {
        using StringWriter output = new() { NewLine = "\n" };
        StudyProgress progress = new(output, isLive: false, () => TimeSpan.FromSeconds(5));
        progress.Begin(1, 2);
        progress.Report(new VarianceProgress(25_000, long.MaxValue / 2, 0.25));
        Assert.Equal("62 %  policy 2 of 2  25,000 episodes  3 s left\n", output.ToString());
    }

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(59.5, "1 min 00 s")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(3600, "1 h 00 min")]
    [InlineData(90_061, "25 h 01 min")]
    public void Wait_AnyTime_IsInWholeUnits(double seconds, string expected) => Assert.Equal(expected, Figures.Wait(seconds));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "1.000")]
    [InlineData(0.0123456, "0.01235")]
    [InlineData(-2.5, "-2.500")]
    [InlineData(999.96, "1,000")]
    [InlineData(12345.6, "12,350")]
    [InlineData(123456.7, "123,500")]
    [InlineData(1234567, "1.235e6")]
    [InlineData(0.000123456, "1.235e-4")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "∞")]
    public void Significant_AnyNumber_HasFourDigits(double value, string expected) => Assert.Equal(expected, Figures.Significant(value));

    [Theory]
    [InlineData(2, 1.9, 2.1, "2.000 ± 0.10")]
    [InlineData(2, 1.9, 2.3, "2.00 [1.90, 2.30]")]
    [InlineData(2, 1.9, double.PositiveInfinity, "2.00 [1.90, ∞)")]
    [InlineData(1, 1, 1, "1 ")]
    [InlineData(2, double.NaN, double.NaN, "– ")]
    [InlineData(double.NaN, 1, 2, "– [1.00, 2.00]")]
    public void WithInterval_AnyInterval_IsShownByHalfOrEnds(double value, double low, double high, string expected)
    {
        (string number, string interval) = Figures.WithInterval(value, new ConfidenceInterval(low, high));
        Assert.Equal(expected, $"{number} {interval}");
    }

    [Theory]
    [InlineData(2.5e-7, "250 ns")]
    [InlineData(1.234e-5, "12.3 µs")]
    [InlineData(0.0123, "12.3 ms")]
    [InlineData(2, "2.00 s")]
    [InlineData(double.NaN, "–")]
    public void Time_AnySeconds_HasAUnit(double seconds, string expected) => Assert.Equal(expected, Figures.Time(seconds));

    [Fact]
    public void Print_TableTooWide_IsCutAtItsBreak()
    {
        TextTable table = new("name", "a", "b", "c") { Break = 2 };
        table.AddTitle("group");
        table.Add(("x", ""), ("1", "± 2"), ("10", ""), ("100", ""));
        table.Add(("yy", ""), ("10", ""), ("1", ""), ("1", ""));
        Assert.Equal(
            "  name  a        b    c\n  group\n  x      1 ± 2  10  100\n  yy    10       1    1\n", Printed(table, width: 24));
        Assert.Equal(
            "  name  a\n  group\n  x      1 ± 2\n  yy    10\n\n  name   b    c\n  group\n  x     10  100\n  yy     1    1\n",
            Printed(table, width: 22));
    }

    private static string Printed(TextTable table, int width)
    {
        using StringWriter output = new() { NewLine = "\n" };
        table.Print(output, width);
        return output.ToString();
    }
}
