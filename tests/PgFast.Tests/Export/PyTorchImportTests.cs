using System.Buffers.Binary;
using System.Text;
using PgFast.Export;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Policies;

namespace PgFast.Tests.Export;

/// <summary>A state_dict that <c>safetensors.torch.save_file</c> wrote loads, acts, and can be exported again.</summary>
public class PyTorchImportTests
{
    // What save_file writes of ModuleList([Linear(2, 3), Linear(3, 2)]) named policy: names sorted, so that biases come before weights,
    // and no metadata but the framework's, or none at all.
    private const string Header =
        """
        {"policy.0.bias":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"policy.0.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[12,36]},"policy.1.bias":{"dtype":"F32","shape":[2],"data_offsets":[36,44]},"policy.1.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[44,68]}}
        """;

    private static readonly float[] Values = [0.1f, -0.2f, 0.3f, 1, 2, 3, 4, 5, 6, -0.5f, 0.5f, 0.1f, 0.2f, 0.3f, -0.1f, -0.2f, -0.3f];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_StateDict_ActsAsTheModuleDoes(bool hasFormat)
    {
        PolicyFile file = PolicyFile.FromSafeTensors(SafeTensors.Parse(StateDict(hasFormat)), Activation.Tanh);
        Assert.Equal([2, 3, 2], file.Shape.Sizes.ToArray());
        float[] parameters = [1, 2, 3, 4, 5, 6, 0.1f, -0.2f, 0.3f, 0.1f, 0.2f, 0.3f, -0.1f, -0.2f, -0.3f, -0.5f, 0.5f];
        Assert.Equal(parameters, file.Parameters.ToArray());

        using Policy policy = file.CreatePolicy();
        float[] probabilities = new float[2];
        policy.Probabilities([0.25f, -0.5f], probabilities);
        // tanh(W₀x + b₀) by hand, then the difference of the logits.
        double[] hidden = [Math.Tanh(0.25 - 1 + 0.1), Math.Tanh(0.75 - 2 - 0.2), Math.Tanh(1.25 - 3 + 0.3)];
        double difference = 1 - 2 * (0.1 * hidden[0] + 0.2 * hidden[1] + 0.3 * hidden[2]);
        Assert.Equal(1 / (1 + Math.Exp(-difference)), probabilities[1], 1e-6);

        using OnnxModel model = new(OnnxPolicy.ToArray(file));
        Assert.Equal(probabilities[1], model.Run([[0.25f, -0.5f]], out _)["probabilities"][1], Agreement.Tolerance);
    }

    [Fact]
    public void Load_StateDictOfASequential_SaysWhichTensorBelongsToNoLayer()
    {
        // Sequential(Linear, Tanh, Linear) counts the Tanh as well.
        byte[] bytes = StateDict(false, Header.Replace("policy.1", "policy.2", StringComparison.Ordinal));
        SafeTensorsException exception = Assert.Throws<SafeTensorsException>(
            () => PolicyFile.FromSafeTensors(SafeTensors.Parse(bytes), Activation.Tanh));
        Assert.Contains("policy.2.", exception.Message, StringComparison.Ordinal);
    }

    private static byte[] StateDict(bool hasFormat, string header = Header)
    {
        if (hasFormat)
            header = header.Replace("{\"policy.0.bias\"", "{\"__metadata__\":{\"format\":\"pt\"},\"policy.0.bias\"", StringComparison.Ordinal);
        byte[] text = Encoding.UTF8.GetBytes(header.PadRight((header.Length + 7) / 8 * 8));
        byte[] bytes = new byte[sizeof(ulong) + text.Length + Values.Length * sizeof(float)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, sizeof(ulong));
        for (int i = 0; i < Values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(ulong) + text.Length + i * sizeof(float)), Values[i]);
        return bytes;
    }
}
