using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using PgFast.Measurement;

namespace PgFast.Benchmarks.Configs;

/// <summary>Writes a suite's cases with our columns as JSON, <c>*-columns.json</c>.</summary>
/// <remarks>BenchmarkDotNet's own JSON has measurements, but no columns, and nothing that says what was measured.</remarks>
/// <param name="command">The command line that ran the suites.</param>
/// <param name="columns">What to write; numbers in full, null where there is none.</param>
internal sealed class ColumnsExporter(string command, IReadOnlyList<NumberColumn> columns) : ExporterBase
{
    /// <summary>Quotation marks and µ as they are: the file is data, not part of a page.</summary>
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    protected override string FileExtension => "json";

    protected override string FileCaption => "columns";

    public override void ExportToLog(Summary summary, ILogger logger)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("command", command);
            json.WriteString("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            WriteMachine(json);
            json.WriteStartArray("cases");
            foreach (BenchmarkReport report in summary.Reports)
                WriteCase(json, summary, report);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        logger.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    private static void WriteMachine(Utf8JsonWriter json)
    {
        MachineDescription machine = MachineDescription.Current();
        json.WriteStartObject("machine");
        json.WriteString("cpu", machine.Cpu);
        json.WriteNumber("cores", machine.Cores);
        json.WriteString("architecture", machine.Architecture);
        json.WriteString("runtime", machine.Runtime);
        json.WriteString("operatingSystem", machine.OperatingSystem);
        json.WriteString("version", machine.Version);
        json.WriteEndObject();
    }

    private void WriteCase(Utf8JsonWriter json, Summary summary, BenchmarkReport report)
    {
        BenchmarkCase benchmark = report.BenchmarkCase;
        json.WriteStartObject();
        json.WriteString("suite", benchmark.Descriptor.Type.Name);
        json.WriteString("method", benchmark.Descriptor.WorkloadMethod.Name);
        json.WriteString("job", benchmark.Job.Id);
        json.WriteStartObject("parameters");
        foreach (ParameterInstance parameter in benchmark.Parameters.Items)
            json.WriteString(parameter.Name, Convert.ToString(parameter.Value, CultureInfo.InvariantCulture));
        json.WriteEndObject();
        Write(json, "meanSeconds", 1e-9 * (report.ResultStatistics?.Mean ?? double.NaN));
        Write(json, "standardErrorSeconds", 1e-9 * (report.ResultStatistics?.StandardError ?? double.NaN));
        json.WriteStartObject("columns");
        foreach (NumberColumn column in columns.Where(column => column.IsAvailable(summary)))
            Write(json, column.ColumnName, column.Number(summary, benchmark));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>JSON has no NaN.</summary>
    private static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}
