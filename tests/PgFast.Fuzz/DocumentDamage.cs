using PgFast.Files;

namespace PgFast.Fuzz;

/// <summary>Sound safetensors that hold no sound policy or checkpoint: what reaches the checks behind the format's.</summary>
internal static class DocumentDamage
{
    private static readonly float[] Values = [0, -0f, 1, -1, 1e-45f, 3.4e38f, -3.4e38f, 100, 1e20f];

    private static readonly string[] Texts =
    [
        "", " ", "-1", "0", "1", "7", "1e300", "-1e300", "1e-320", "NaN", "Infinity", "0 0", "1 1", "0.5 0.5 0.5", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "relu", "tanh", "softmax", "gaussian", "total", "reward-to-go", "pgfast-checkpoint-1", "CartPole", "null", "yes",
    ];

    /// <summary>A file changed so often.</summary>
    public static DamagedFile Create(Seed seed, Random random, int times)
    {
        List<SafeTensor> tensors = [.. seed.Document.Tensors];
        Dictionary<string, string> metadata = new(seed.Document.Metadata);
        List<string> done = [];
        for (int i = 0; i < times; i++)
            done.Add(random.Next(3) == 0 ? Text(metadata, random) : Tensor(tensors, random));
        // Behind a wrong digest nothing is looked at any more: most files get one that is right again.
        bool isSealed = random.Next(8) != 0 && metadata.Remove(SealedDocument.Key);
        SafeTensors document = isSealed ? SealedDocument.Seal(tensors, metadata) : new SafeTensors(tensors, metadata);
        return new DamagedFile(seed, document.ToArray(), $"document: {string.Join(", ", done)}{(isSealed ? ", sealed" : "")}");
    }

    private static string Text(Dictionary<string, string> metadata, Random random)
    {
        if (metadata.Count == 0)
            return "nothing";
        string key = metadata.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(metadata.Count));
        if (random.Next(5) == 0)
        {
            metadata.Remove(key);
            return $"{key} taken out";
        }

        metadata[key] = random.Next(4) == 0 ? $"{metadata[key]} {metadata[key]}" : Texts[random.Next(Texts.Length)];
        return $"{key} = '{metadata[key]}'";
    }

    private static string Tensor(List<SafeTensor> tensors, Random random)
    {
        if (tensors.Count == 0)
            return "nothing";
        int index = random.Next(tensors.Count);
        SafeTensor tensor = tensors[index];
        float[] values = tensor.Values.ToArray();
        int[] shape = tensor.Shape.ToArray();
        switch (random.Next(6))
        {
            case 0:
                tensors.RemoveAt(index);
                return $"{tensor.Name} taken out";
            case 1 when values.Length > 0:
                int place = random.Next(values.Length);
                values[place] = Values[random.Next(Values.Length)];
                tensors[index] = new SafeTensor(tensor.Name, shape, values);
                return $"{tensor.Name}[{place}] = {values[place]}";
            case 2:
                // Other axes for the same number of values.
                int[][] shapes = [[values.Length], [1, values.Length], [values.Length, 1], [1, 1, values.Length], .. values.Length % 2 == 0 ? [[2, values.Length / 2]] : Array.Empty<int[]>()];
                tensors[index] = new SafeTensor(tensor.Name, shapes[random.Next(shapes.Length)], values);
                return $"{tensor} → {tensors[index].ShapeText}";
            case 3:
                int[] sizes = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(5))];
                float[] fresh = new float[sizes.Aggregate(1, (product, size) => product * size)];
                Array.Fill(fresh, Values[random.Next(Values.Length)]);
                tensors[index] = new SafeTensor(tensor.Name, sizes, fresh);
                return $"{tensor} → {tensors[index].ShapeText} of {(fresh.Length > 0 ? fresh[0] : 0)}";
            case 4:
                SafeTensor other = tensors[random.Next(tensors.Count)];
                if (ReferenceEquals(other, tensor))
                    return "nothing";
                tensors[index] = new SafeTensor(tensor.Name, other.Shape, other.Values);
                return $"{tensor.Name} holds {other}";
            default:
                string name = tensor.Name.Replace('0', (char)('0' + random.Next(4))).Replace("policy", random.Next(2) == 0 ? "value" : "policy", StringComparison.Ordinal);
                if (tensors.Any(present => present.Name == name))
                    return "nothing";
                tensors[index] = new SafeTensor(name, shape, values);
                return $"{tensor.Name} is called {name}";
        }
    }
}
