namespace PgFast.Cli.Options;

/// <summary>What <c>export</c> writes.</summary>
internal enum ExportFormat
{
    /// <summary>An ONNX model.</summary>
    Onnx = 0,

    /// <summary>A C header.</summary>
    C = 1,

    /// <summary>The policy file of PgFast itself.</summary>
    SafeTensors = 2,
}
