using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using PgFast.Telemetry;

namespace PgFast.Tests.Telemetry;

/// <summary>Instruments are named as OpenTelemetry names them, and the documentation lists them all.</summary>
public partial class InstrumentTests
{
    private static readonly List<Instrument> All = Published();

    [Fact]
    public void Names_OfAllInstruments_FollowTheConventions()
    {
        Assert.True(All.Count > 10, "the meter was not found");
        Assert.All(All, instrument =>
        {
            Assert.Matches(Convention(), instrument.Name);
            Assert.False(string.IsNullOrEmpty(instrument.Description), instrument.Name);
            Assert.Matches(UnifiedCode(), instrument.Unit);
        });
    }

    [Fact]
    public void Watching_Documentation_ListsEveryInstrumentWithItsUnit()
    {
        string text = File.ReadAllText(Path.Combine(Root(), "docs", "watching.md"));
        Assert.All(All, instrument => Assert.Contains($"| `{instrument.Name}` | {Kind(instrument)} | `{instrument.Unit}` |", text, StringComparison.Ordinal));
    }

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0].ToLowerInvariant();

    private static List<Instrument> Published()
    {
        List<Instrument> all = [];
        // The class is initialised by its first use, which makes the instruments.
        RuntimeHelpers.RunClassConstructor(typeof(Instruments).TypeHandle);
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Meter)
                all.Add(instrument);
        };
        listener.Start();
        return all;
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@"^pgfast(\.[a-z]+(_[a-z]+)*)+$")]
    private static partial Regex Convention();

    [GeneratedRegex(@"^(s|1|\{[a-z]+\})$")]
    private static partial Regex UnifiedCode();
}
