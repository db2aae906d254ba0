using System.Runtime.CompilerServices;
using PgFast.Networks;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>V of consecutive samples. One for each worker. Allocates nothing after construction.</summary>
internal sealed unsafe class SampleValues : IDisposable
{
    private const int MaximumLanes = 64;

    private readonly ValueNetworks _networks;
    private readonly NetworkKernels? _total;
    private readonly NetworkKernels? _toGo;
    private readonly AlignedBuffer<float> _input;
    private readonly AlignedBuffer<float> _record;

    public SampleValues(ValueNetworks networks)
    {
        _networks = networks;
        _total = networks.Total is { } total ? NetworkKernels.Create(total, keepsActivations: false) : null;
        _toGo = networks.ToGo is { } toGo ? NetworkKernels.Create(toGo, keepsActivations: false) : null;
        _input = new AlignedBuffer<float>((networks.ObservationSize + 1) * MaximumLanes);
        int record = Math.Max(_total?.RecordSize ?? 0, _toGo?.RecordSize ?? 0);
        _record = new AlignedBuffer<float>(Math.Max(1, record * MaximumLanes));
    }

    /// <summary>Picks up changed parameters.</summary>
    public void Refresh()
    {
        _total?.Refresh();
        _toGo?.Refresh();
    }

    /// <summary>The values of consecutive samples; those that no row asks for are left alone.</summary>
    /// <param name="observation">[feature][sample], features <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats between features.</param>
    /// <param name="step">[sample]; t.</param>
    /// <param name="count">Samples; up to 15 more are read and written.</param>
    /// <param name="total">[sample]; overwritten with the value of G_0; null for not.</param>
    /// <param name="toGo">[sample]; overwritten with the value of G_t; null for not.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(float* observation, nint stride, float* step, int count, float* total, float* toGo)
    {
        int features = _networks.ObservationSize;
        Lanes16 unit = Lanes16.Broadcast(_networks.StepUnit);
        for (int first = 0; first < count; first += MaximumLanes)
        {
            int lanes = NetworkParameters.Columns(Math.Min(MaximumLanes, count - first));
            float* input = _input.Pointer;
            for (int feature = 0; feature < features; feature++, input += lanes)
                new ReadOnlySpan<float>(observation + feature * stride + first, lanes).CopyTo(new Span<float>(input, lanes));
            // Behind the features, where a network without time does not look.
            for (int lane = 0; lane < lanes; lane += Lanes16.Count)
                Lanes16.Store(Lanes16.Load(step + first + lane) * unit, input + lane);
            if (total is not null)
                _total?.Forward(_input.Pointer, total + first, _record.Pointer, lanes);
            if (toGo is not null)
                _toGo?.Forward(_input.Pointer, toGo + first, _record.Pointer, lanes);
        }
    }

    public void Dispose()
    {
        _total?.Dispose();
        _toGo?.Dispose();
        _input.Dispose();
        _record.Dispose();
    }
}
