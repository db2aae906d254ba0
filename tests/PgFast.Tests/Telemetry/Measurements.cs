using System.Diagnostics.Metrics;
using PgFast.Telemetry;

namespace PgFast.Tests.Telemetry;

/// <summary>What the engine's meter says of one environment while it is listened to.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, List<double>> _values = [];
    private readonly string _environment;

    public Measurements(string environment)
    {
        _environment = environment;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "PgFast")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Sources that were named.</summary>
    public HashSet<string> Sources { get; } = [];

    /// <summary>All measurements of an instrument, the earliest first.</summary>
    public IReadOnlyList<double> this[string instrument] => _values.TryGetValue(instrument, out List<double>? values) ? values : [];

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string? environment = null, source = null;
        foreach ((string key, object? tag) in tags)
        {
            if (key == TelemetryNames.Environment)
                environment = (string?)tag;
            else if (key == TelemetryNames.Source)
                source = (string?)tag;
        }

        if (environment != _environment)
            return;
        lock (_values)
        {
            Sources.Add(source!);
            if (!_values.TryGetValue(instrument.Name, out List<double>? values))
                _values[instrument.Name] = values = [];
            values.Add(value);
        }
    }
}

/// <summary>Listeners hear everything in the process, so that tests with one run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class TelemetryTestGroup
{
    public const string Name = "Telemetry";
}
