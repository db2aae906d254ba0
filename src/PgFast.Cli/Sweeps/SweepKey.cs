using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Measurement;
using PgFast.Training;

namespace PgFast.Cli.Sweeps;

/// <summary>
/// What a run's result depends on, as one name: environment, options, budget, what is measured, version. A run that has the same name as a
/// finished one is not done again, in whatever grid the two stand.
/// </summary>
internal static class SweepKey
{
    private const int Digits = 16;

    /// <summary>The name of the runs of a configuration on an environment, without the seed.</summary>
    public static string Of(SweepDefinition definition, int configuration, int environment)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{definition.Environments[environment].Name}\n{definition.Updates}\n{definition.EnvironmentSteps}\n{definition.EvaluationEpisodes}\n{definition.Points}\n{MachineDescription.PgFastVersion()}\n{TextOf(definition.Configurations[configuration].Options[environment])}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digits];
    }

    /// <summary>The file of a run.</summary>
    public static string FileOf(string key, ulong seed) => string.Create(CultureInfo.InvariantCulture, $"{key}-seed-{seed}.json");

    /// <summary>All options, spelt in one way.</summary>
    public static string TextOf(TrainerOptions options) => Encoding.UTF8.GetString(JsonText.Write(json =>
    {
        json.WriteStartObject();
        OptionsJson.Write(json, options);
        json.WriteEndObject();
    }));
}
