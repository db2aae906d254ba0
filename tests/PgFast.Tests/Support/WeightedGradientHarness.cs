using PgFast.Networks;
using PgFast.Numerics;

namespace PgFast.Tests.Support;

/// <summary>Steps of several episodes and several weightings of them.</summary>
internal sealed record WeightedCase
{
    public required NetworkShape Shape { get; init; }

    /// <summary>[ParameterCount].</summary>
    public required float[] Parameters { get; init; }

    /// <summary>[episode]; number of steps.</summary>
    public required int[] Lengths { get; init; }

    /// <summary>[sample][feature], episode after episode.</summary>
    public required float[][] Observations { get; init; }

    /// <summary>[sample][output]; gradient by the network's outputs, by their difference where two are merged.</summary>
    public required float[][] OutputGradients { get; init; }

    /// <summary>[column][sample].</summary>
    public required float[][] Weights { get; init; }

    /// <summary>One episode of several, alone.</summary>
    public WeightedCase Only(int episode)
    {
        Range steps = RangeOf(episode);
        return this with
        {
            Lengths = [Lengths[episode]],
            Observations = Observations[steps],
            OutputGradients = OutputGradients[steps],
            Weights = [.. Weights.Select(column => column[steps])],
        };
    }

    /// <summary>The samples of an episode.</summary>
    public Range RangeOf(int episode)
    {
        int first = Lengths.Take(episode).Sum();
        return first..(first + Lengths[episode]);
    }
}

/// <summary>
/// Calls <see cref="WeightedGradients"/> at a chosen lane width as the engine does: chunks of whole episodes, or parts of long ones.
/// </summary>
internal static unsafe class WeightedGradientHarness
{
    /// <summary>[episode][column][component]; the sums in the layout of the kernels.</summary>
    public static float[][][] Run(WeightedCase wanted, int width)
    {
        using NetworkParameters parameters = new(wanted.Shape, wanted.Shape is { OutputSize: 2, FreeOutputSize: 0 });
        wanted.Parameters.CopyTo(parameters.Flat);
        // A linear map's gradient does not read its parameters.
        if (wanted.Shape.LayerCount > 1)
            parameters.Refresh();
        int columns = wanted.Weights.Length, samples = wanted.Observations.Length, features = wanted.Shape.InputSize;
        using WeightedGradients gradients =
            Widths.Visit<WeightedGradients.Factory, WeightedGradients>(width, new WeightedGradients.Factory(parameters, columns));
        int stride = samples + 32, capacity = gradients.MaximumSamples;
        using AlignedBuffer<float> observation = new((long)features * stride), gradient = new(gradients.GradientLength);
        using AlignedBuffer<float> outputGradient = new((long)parameters.EffectiveOutputs * stride), weight = new((long)columns * capacity + 16);
        using AlignedBuffer<float> record = new((long)Math.Max(1, gradients.RecordSize) * stride);
        for (int sample = 0; sample < samples; sample++)
        {
            for (int feature = 0; feature < features; feature++)
                observation.Span[feature * stride + sample] = wanted.Observations[sample][feature];
            for (int output = 0; output < parameters.EffectiveOutputs; output++)
                outputGradient.Span[output * stride + sample] = wanted.OutputGradients[sample][output];
        }

        if (gradients.RecordSize > 0)
            Widths.Visit<Recorder, int>(width, new Recorder(parameters, observation.Pointer, record.Pointer, stride, samples));

        // What no call may rely on.
        gradient.Span.Fill(float.NaN);
        float[][][] results = new float[wanted.Lengths.Length][][];
        for (int episode = 0, begun = 0, start = 0; episode < results.Length;)
        {
            int count = Math.Min(capacity, wanted.Lengths[episode] - begun), last = episode;
            while (begun == 0 && last + 1 < results.Length && count + wanted.Lengths[last + 1] <= capacity)
                count += wanted.Lengths[++last];
            for (int sample = 0; sample < count; sample++)
            {
                for (int column = 0; column < columns; column++)
                    weight.Span[column * capacity + sample] = wanted.Weights[column][start + sample];
            }

            gradients.Load(new GradientSamples
            {
                Observation = observation.Pointer + start,
                OutputGradient = outputGradient.Pointer + start,
                Record = record.Pointer + start,
                Stride = stride,
                Count = count,
            });
            gradients.Weigh(weight.Pointer);
            for (int first = 0; first < count;)
            {
                int steps = Math.Min(count - first, wanted.Lengths[episode] - begun);
                gradients.Accumulate(first, steps, gradient.Pointer, continues: begun > 0);
                first += steps;
                begun += steps;
                if (begun < wanted.Lengths[episode])
                    break;
                results[episode++] = Sort(gradients.Layout, gradient.Span, columns);
                begun = 0;
            }

            start += count;
        }

        return results;
    }

    /// <summary>[ParameterCount] in file order.</summary>
    public static double[] Spread(NetworkShape shape, float[] components)
    {
        using NetworkParameters parameters = new(shape, shape is { OutputSize: 2, FreeOutputSize: 0 });
        double[] flat = new double[shape.ParameterCount];
        new GradientLayout(parameters).Spread(Closeness.ToDouble(components), flat, areSquares: false);
        return flat;
    }

    /// <summary>From layer by layer [column][component] to [column][component].</summary>
    private static float[][] Sort(GradientLayout layout, ReadOnlySpan<float> gradient, int columns)
    {
        float[][] sorted = new float[columns][];
        for (int column = 0; column < columns; column++)
        {
            sorted[column] = new float[layout.Length];
            for (int layer = 0; layer < layout.SegmentCount; layer++)
            {
                int offset = layout.OffsetOf(layer), length = layout.LengthOf(layer);
                gradient.Slice(columns * offset + column * length, length).CopyTo(sorted[column].AsSpan(offset));
            }
        }

        return sorted;
    }

    /// <summary>Records what the network's forward pass does in a rollout, 16 samples at a time.</summary>
    private readonly struct Recorder(NetworkParameters parameters, float* observation, float* record, int stride, int samples) : ILaneVisitor<int>
    {
        public int Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            const int Lanes = 16;
            using NetworkKernels network = NetworkKernels.Choose<TLanes>(parameters, keepsActivations: false);
            network.Refresh();
            int features = parameters.Shape.InputSize, words = network.RecordSize;
            using AlignedBuffer<float> row = new((long)features * Lanes), output = new(Lanes), recorded = new((long)words * Lanes);
            for (int first = 0; first < samples; first += Lanes)
            {
                for (int feature = 0; feature < features; feature++)
                    new ReadOnlySpan<float>(observation + feature * stride + first, Lanes).CopyTo(row.Span[(feature * Lanes)..]);
                network.Forward(row.Pointer, output.Pointer, recorded.Pointer, Lanes);
                for (int word = 0; word < words; word++)
                    recorded.Span.Slice(word * Lanes, Lanes).CopyTo(new Span<float>(record + word * stride + first, Lanes));
            }

            return words;
        }
    }
}
