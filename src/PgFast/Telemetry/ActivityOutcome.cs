using System.Diagnostics;

namespace PgFast.Telemetry;

/// <summary>Says in an activity how what it spans went wrong.</summary>
internal static class ActivityOutcome
{
    /// <summary>Marks a cancellation as such, and anything else as an error with its exception; does nothing to null.</summary>
    public static void Fail(Activity? activity, Exception exception)
    {
        if (activity is null)
            return;
        if (exception is OperationCanceledException)
        {
            activity.SetTag("pgfast.cancelled", true);
            return;
        }

        activity.SetTag("error.type", exception.GetType().FullName);
        activity.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity.AddException(exception);
    }
}
