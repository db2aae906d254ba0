using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace PgFast.Tests.Export;

/// <summary>A model loaded by ONNX Runtime.</summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly SessionOptions _options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };

    public OnnxModel(byte[] model) => Session = new InferenceSession(model, _options);

    public InferenceSession Session { get; }

    /// <summary>Runs a batch and returns the outputs of floats, flat, by name.</summary>
    public Dictionary<string, float[]> Run(float[][] batch, out long[] action)
    {
        DenseTensor<float> observation = new(batch.SelectMany(row => row).ToArray(), [batch.Length, batch[0].Length]);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results =
            Session.Run([NamedOnnxValue.CreateFromTensor("observation", observation)]);
        action = results.FirstOrDefault(result => result.Name == "action")?.AsTensor<long>().ToArray() ?? [];
        return results.Where(result => result.Name != "action").ToDictionary(result => result.Name, result => result.AsTensor<float>().ToArray());
    }

    public void Dispose()
    {
        Session.Dispose();
        _options.Dispose();
    }
}
