namespace PgFast.Cli;

/// <summary>Bad usage or bad input, found before anything was written. The message is one line for the user.</summary>
internal sealed class UsageException(string message) : Exception(message);
