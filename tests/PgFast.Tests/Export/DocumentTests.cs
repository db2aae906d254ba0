using System.Runtime.CompilerServices;
using PgFast.Export;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Tests.Cli;
using PgFast.Tests.Support;

namespace PgFast.Tests.Export;

/// <summary>The C sample of docs/export.md says what the policy says; its other samples are run with those of all pages.</summary>
public class DocumentTests
{
    private static readonly float[] Observation = [0.01f, 0f, -0.02f, 0f];

    [TheoryWithCompiler]
    [InlineData("cartpole")]
    public void CSample_Compiled_PrintsWhatThePolicySays(string name)
    {
        PolicyFile file = Sample();
        using Policy policy = file.CreatePolicy();
        using TemporaryDirectory directory = new();
        CHeader.Save(file, name, directory.At($"{name}.h"));
        File.WriteAllText(directory.At("main.c"), Block("c"));
        CCompiler.Compile(directory.At("main.c"), directory.At("main"));
        string[] words = System.Text.Encoding.ASCII.GetString(CCompiler.Run(directory.At("main"), [])).Split([' ', ',', ':', '\n'], StringSplitOptions.RemoveEmptyEntries);
        float[] probabilities = new float[2];
        policy.Probabilities(Observation, probabilities);
        Assert.Equal(["left", "right", "action"], [words[0], words[2], words[4]]);
        Assert.Equal(probabilities[0], float.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), 1e-3f);
        Assert.Equal(probabilities[1], float.Parse(words[3], System.Globalization.CultureInfo.InvariantCulture), 1e-3f);
        Assert.Equal(policy.MostProbableAction(Observation).ToString(System.Globalization.CultureInfo.InvariantCulture), words[5]);
    }

    private static string Block(string language)
    {
        string text = File.ReadAllText(Path.Combine(Repository(), "docs", "export.md")).ReplaceLineEndings("\n");
        string fence = $"```{language}\n";
        int begin = text.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        return text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    private static PolicyFile Sample()
    {
        NetworkShape shape = new(4, [], 2, Activation.Relu);
        return new PolicyFile(shape, [1, 2, 3, 4, 5, 6, -7, 8, 0.25f, -0.125f]) { Environment = "cartpole" };
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
