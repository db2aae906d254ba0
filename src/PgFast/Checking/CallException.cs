using System.Reflection;

namespace PgFast.Checking;

/// <summary>The user's code threw, in a call of a check's.</summary>
internal sealed class CallException : Exception
{
    /// <param name="call">"Reset" or "Step".</param>
    /// <param name="lane">The lane, where it is known.</param>
    /// <param name="exception">What it threw.</param>
    public CallException(string call, int? lane, Exception exception)
        : base(exception.Message, exception) => (Call, Lane) = (call, lane);

    public string Call { get; }

    public int? Lane { get; }

    /// <summary>Type and message of what a user's code threw, without what the runtime or a check has put around it.</summary>
    public static string TextOf(Exception exception)
    {
        while (exception is CallException or TypeInitializationException or TargetInvocationException && exception.InnerException is { } inner)
            exception = inner;
        return $"{exception.GetType().Name}: {exception.Message}";
    }
}
