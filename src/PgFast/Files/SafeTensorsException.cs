namespace PgFast.Files;

/// <summary>A file is not a safetensors file, or not one that can be read here. The message says what is wrong.</summary>
public sealed class SafeTensorsException : IOException
{
    /// <summary>An error without a reason.</summary>
    public SafeTensorsException()
        : base("The file is not a valid safetensors file.")
    {
    }

    /// <summary>An error.</summary>
    /// <param name="message">What is wrong.</param>
    public SafeTensorsException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public SafeTensorsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
