using System.Runtime.InteropServices;
using PgFast.Export;
using PgFast.Files;
using PgFast.Tests.Cli;
using PgFast.Tests.Support;

namespace PgFast.Tests.Export;

/// <summary>A program around an exported header: reads observations and random numbers, writes all that its functions make of them.</summary>
internal sealed class CProgram : IDisposable
{
    // Floats go in and out as they lie in memory, so that no digit is lost.
    private const string Softmax =
        """
        #include <stdio.h>
        #include "sample_policy.h"

        int main(void)
        {
            float observation[SAMPLE_POLICY_OBSERVATION_SIZE], uniform, result[SAMPLE_POLICY_ACTION_COUNT + 2];
            while (fread(observation, sizeof observation, 1, stdin) == 1 && fread(&uniform, sizeof uniform, 1, stdin) == 1) {
                sample_policy_probabilities(observation, result);
                result[SAMPLE_POLICY_ACTION_COUNT] = (float)sample_policy_action(observation);
                result[SAMPLE_POLICY_ACTION_COUNT + 1] = (float)sample_policy_sample(observation, uniform);
                fwrite(result, sizeof result, 1, stdout);
            }
            return 0;
        }

        """;

    private const string Gaussian =
        """
        #include <stdio.h>
        #include "sample_policy.h"

        int main(void)
        {
            float observation[SAMPLE_POLICY_OBSERVATION_SIZE], normal[SAMPLE_POLICY_ACTION_SIZE], result[4 * SAMPLE_POLICY_ACTION_SIZE];
            while (fread(observation, sizeof observation, 1, stdin) == 1 && fread(normal, sizeof normal, 1, stdin) == 1) {
                sample_policy_mean(observation, result);
                sample_policy_standard_deviation(observation, result + SAMPLE_POLICY_ACTION_SIZE);
                sample_policy_action(observation, result + 2 * SAMPLE_POLICY_ACTION_SIZE);
                sample_policy_sample(observation, normal, result + 3 * SAMPLE_POLICY_ACTION_SIZE);
                fwrite(result, sizeof result, 1, stdout);
            }
            return 0;
        }

        """;

    private readonly TemporaryDirectory _directory = new();

    /// <summary>Writes the header and a source that includes it.</summary>
    public CProgram(PolicyFile policy)
    {
        CHeader.Save(policy, "sample_policy", _directory.At("sample_policy.h"));
        File.WriteAllText(Source, policy.Distribution.IsDiscrete ? Softmax : Gaussian);
    }

    /// <summary>Path of the source.</summary>
    public string Source => _directory.At("main.c");

    /// <summary>Compiles and runs it.</summary>
    /// <param name="rows">[row]: an observation and its random numbers, one after another.</param>
    /// <returns>[row]: the results, one after another.</returns>
    public float[][] Run(float[][] rows)
    {
        CCompiler.Compile(Source, _directory.At("program"));
        byte[] input = MemoryMarshal.AsBytes<float>(rows.SelectMany(row => row).ToArray()).ToArray();
        float[] results = MemoryMarshal.Cast<byte, float>(CCompiler.Run(_directory.At("program"), [], input)).ToArray();
        return [.. results.Chunk(results.Length / rows.Length)];
    }

    public void Dispose() => _directory.Dispose();
}
