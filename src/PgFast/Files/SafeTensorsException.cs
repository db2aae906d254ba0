namespace PgFast.Files;

/// <summary>
/// A file is not a safetensors file, or not one that can be read here. The message says what is wrong, in one line: names that it quotes from the file are
/// shortened, and their control characters replaced, as they may have been made to fill a screen or to steer a terminal.
/// </summary>
public sealed class SafeTensorsException : IOException
{
    private const int LongestMessage = 400;

    /// <summary>An error without a reason.</summary>
    public SafeTensorsException()
        : base("The file is not a valid safetensors file.")
    {
    }

    /// <summary>An error.</summary>
    /// <param name="message">What is wrong.</param>
    public SafeTensorsException(string message)
        : base(Line(message))
    {
    }

    /// <summary>An error with a cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public SafeTensorsException(string message, Exception innerException)
        : base(Line(message), innerException)
    {
    }

    private static string? Line(string? message)
    {
        // As a rule there is nothing to do.
        if (message is null || (message.Length <= LongestMessage && !message.Any(char.IsControl)))
            return message;
        string shortened = message.Length <= LongestMessage ? message : $"{message.AsSpan(0, LongestMessage / 2)} … {message.AsSpan(message.Length - LongestMessage / 2)}";
        return string.Create(shortened.Length, shortened, static (characters, text) =>
        {
            for (int i = 0; i < text.Length; i++)
                characters[i] = char.IsControl(text[i]) ? '\uFFFD' : text[i];
        });
    }
}
