namespace PgFast.Reports.Input;

/// <summary>What a report was asked for is not there, or is damaged. The message is one sentence that names the file.</summary>
public sealed class ReportInputException : Exception
{
    /// <summary>An error without a reason.</summary>
    public ReportInputException()
        : base("There is nothing to report on.")
    {
    }

    /// <summary>An error.</summary>
    /// <param name="message">What is wrong, and with which file.</param>
    public ReportInputException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a cause.</summary>
    /// <param name="message">What is wrong, and with which file.</param>
    /// <param name="innerException">The cause.</param>
    public ReportInputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
