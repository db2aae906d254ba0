namespace PgFast.Tests.Golden;

/// <summary>Where the golden data lies: beside the test assembly.</summary>
internal static class GoldenFiles
{
    /// <summary>Path of a file of <c>tests/golden</c>.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) =>
        Path.Combine([AppContext.BaseDirectory, "golden", .. parts]);
}
