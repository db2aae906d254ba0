using System.Text.Json;
using PgFast.Export;
using PgFast.Files;
using PgFast.Networks;

namespace PgFast.Tests.Cli;

[Collection(CliTestGroup.Name)]
public class ExportCommandTests
{
    [Fact]
    public void Export_RunDirectory_WritesWhatTheLibraryDoesBesideTheCaller()
    {
        using TemporaryDirectory directory = new();
        JsonElement run = Pgfast.Run("train cartpole --updates 2 --eval-episodes 1 --seed 5 --out seed-5 --json", directory.Root).Json();
        PolicyFile policy = PolicyFile.Load(directory.At("seed-5/policy.safetensors"));
        foreach ((string format, string file, byte[] expected) in new[]
        {
            ("onnx", "seed-5.onnx", OnnxPolicy.ToArray(policy)),
            ("c", "seed-5.h", System.Text.Encoding.ASCII.GetBytes(CHeader.ToText(policy, "seed_5"))),
            ("safetensors", "seed-5.safetensors", policy.ToSafeTensors().ToArray()),
        })
        {
            CliResult result = Pgfast.Run($"export seed-5 --format {format} --json", directory.Root);
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            JsonElement json = result.Json();
            Assert.Equal(["policy", "format", "file", "bytes", "parameterHash"], json.EnumerateObject().Select(property => property.Name));
            Assert.Equal(Path.Combine("seed-5", "policy.safetensors"), json.GetProperty("policy").GetString());
            Assert.Equal(format, json.GetProperty("format").GetString());
            Assert.Equal(file, json.GetProperty("file").GetString());
            Assert.Equal(expected.Length, json.GetProperty("bytes").GetInt32());
            Assert.Equal(run.GetProperty("parameterHash").GetString(), json.GetProperty("parameterHash").GetString());
            Assert.Equal(expected, File.ReadAllBytes(directory.At(file)));
        }
    }

    [Fact]
    public void Export_OutAndName_AreObeyedAndReplaceAFileOfTheSameKind()
    {
        using TemporaryDirectory directory = new();
        Sample().Save(directory.At("policy.safetensors"));
        File.WriteAllText(directory.At("brain.h"), "old");
        CliResult result = Pgfast.Run("export policy.safetensors --format c --name Brain --out brain.h", directory.Root);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("brain.h", result.Output, StringComparison.Ordinal);
        Assert.Contains("Brain_probabilities", File.ReadAllText(directory.At("brain.h")), StringComparison.Ordinal);
        Assert.Equal(["brain.h", "policy.safetensors"], Directory.EnumerateFiles(directory.Root).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("export policy.safetensors --format onnx --out model.h", "--out must be", ".onnx")]
    [InlineData("export policy.safetensors --format c --out notes.txt", "--out must be", ".h")]
    [InlineData("export policy.safetensors --format onnx --out nowhere/model.onnx", "--out must be", "directory that exists")]
    [InlineData("export policy.safetensors --format onnx --out directory.onnx", "--out must be", "directory.onnx")]
    [InlineData("export policy.safetensors --format safetensors", "--out must name another file", "policy.safetensors")]
    [InlineData("export policy.safetensors --format safetensors --out ./policy.safetensors", "--out must name another file", "policy.safetensors")]
    [InlineData("export notes.txt --format onnx", "PATH must name a policy that can be read", "notes.txt")]
    [InlineData("export directory.onnx --format onnx", "PATH must name a file that exists", "policy.safetensors")]
    [InlineData("export bare.safetensors --format onnx", "PATH must name a policy that can be read", "activation")]
    [InlineData("export misfit.safetensors --format c", "PATH must name a policy that can be read", "policy.1.weight")]
    public void Export_BadInput_ExitsTwoWithOneLineAndChangesNothing(string arguments, string names, string allows)
    {
        using TemporaryDirectory directory = new();
        Sample().Save(directory.At("policy.safetensors"));
        new SafeTensors(Sample().ToSafeTensors().Tensors).Save(directory.At("bare.safetensors"));
        new SafeTensors([new SafeTensor("policy.0.weight", [3, 4], new float[12]), new SafeTensor("policy.1.weight", [2, 5], new float[10])])
            .Save(directory.At("misfit.safetensors"));
        File.WriteAllText(directory.At("notes.txt"), "mine");
        Directory.CreateDirectory(directory.At("directory.onnx"));
        string[] before = Content(directory);
        CliResult result = Pgfast.Run(arguments, directory.Root);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("pgfast: ", line, StringComparison.Ordinal);
        Assert.Contains(names, line, StringComparison.Ordinal);
        Assert.Contains(allows, line, StringComparison.Ordinal);
        Assert.Equal(before, Content(directory));
    }

    [Fact]
    public void Export_FileWithoutMetadata_IsNormalised()
    {
        using TemporaryDirectory directory = new();
        new SafeTensors(Sample().ToSafeTensors().Tensors.Reverse()).Save(directory.At("bare.safetensors"));
        CliResult result = Pgfast.Run("export bare.safetensors --format safetensors --activation tanh --out full.safetensors", directory.Root);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        PolicyFile full = PolicyFile.Load(directory.At("full.safetensors"));
        Assert.Equal(Activation.Tanh, full.Shape.Activation);
        Assert.Equal(Sample().Parameters.ToArray(), full.Parameters.ToArray());
        Assert.Equal("softmax", SafeTensors.Load(directory.At("full.safetensors")).Metadata["head"]);
    }

    private static string[] Content(TemporaryDirectory directory) =>
        [.. Directory.EnumerateFiles(directory.Root).Order().Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}")];

    private static PolicyFile Sample()
    {
        NetworkShape shape = new(4, [3], 2, Activation.Tanh);
        return new PolicyFile(shape, [.. Enumerable.Range(0, shape.ParameterCount).Select(i => 0.1f * i - 1)]);
    }
}
