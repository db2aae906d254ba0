using System.Globalization;
using PgFast.Environments;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Telemetry;
using PgFast.Training;

namespace PgFast.Agents;

/// <summary>Acts and learns inside a loop that the host owns: thousands of entities, which come and go as the host likes.</summary>
/// <remarks>
/// <para>
/// A frame is <see cref="Act(ReadOnlySpan{float}, Span{int})"/>, the host's own step, <see cref="Observe"/>, and now and then <see cref="Update"/>. An entity is a place
/// in every span; the host gets it from <see cref="Add"/> and gives it back with <see cref="Remove"/>.
/// </para>
/// <para>
/// An update learns from a fixed set of whole episodes: the first <see cref="TrainerOptions.BatchSize"/> that begin after the update before, whichever of them end
/// first. Episodes that are under way when the parameters change, and those that begin when the set is full, act and are not learnt from. A host that plays
/// the same frames gets the same bits; one that plays an environment of the catalogue, episode by episode, those of <see cref="Trainer"/>.
/// </para>
/// <para>
/// All memory is allocated by the constructor. Not thread-safe: one caller at a time. With updates in the background, a thread of the agent's computes them while
/// entities go on acting with the parameters as they were; the next <c>Act</c> after its end takes the new ones over. In which frame that is, depends on
/// time.
/// </para>
/// </remarks>
public sealed unsafe partial class Agent : IDisposable
{
    /// <summary>Most episodes of an update.</summary>
    public const int MaximumBatchSize = 65_536;

    private readonly AgentSpecification _specification;
    private readonly EntityBlock[] _blocks;
    private readonly int[] _free;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly EpisodeStore? _store;
    private readonly ReplayTrainer? _trainer;
    private readonly BackgroundUpdate? _background;
    private readonly NetworkParameters _parameters;
    private readonly NetworkKernels _network;
    private readonly PolicyHead _head;
    private readonly AlignedBuffer<float> _record;
    private readonly float[] _scalingMean;
    private readonly float[] _scalingDeviation;
    private readonly float _actionScale;
    private readonly bool _isScaled;
    private int _freeCount;
    private int _frame;
    private ulong _otherEpisodes = 1UL << 63;
    private bool _hasActed;
    private bool _disposed;

    /// <summary>An agent that learns.</summary>
    /// <param name="specification">What entities see and do.</param>
    /// <param name="capacity">Most entities at once, at least 1; all their observations must fit into one span.</param>
    /// <param name="options">How it learns; null for the defaults. <see cref="TrainerOptions.BatchSize"/> is at most <see cref="MaximumBatchSize"/>.</param>
    /// <param name="updatesInBackground">Whether updates are computed beside the host's frames.</param>
    /// <exception cref="ArgumentException">A size or an option is out of range.</exception>
    public Agent(AgentSpecification specification, int capacity, TrainerOptions? options = null, bool updatesInBackground = false)
        : this(specification, capacity, Trained(specification, capacity, options ?? new TrainerOptions(), start: null), updatesInBackground)
    {
    }

    /// <summary>An agent that goes on learning from a policy, such as one that was trained elsewhere or saved by <see cref="CreatePolicyFile"/>.</summary>
    /// <param name="specification">What entities see and do; must fit the policy.</param>
    /// <param name="capacity">Most entities at once, at least 1; all their observations must fit into one span.</param>
    /// <param name="options">How it learns, with the policy's network and scaling; null for the defaults.</param>
    /// <param name="start">
    /// Where it begins. Only what acts is taken over: optimizer and learned V begin anew, and updates count from 0. Observations are scaled as the policy's were until the first update, which
    /// sets what the agent has seen itself.
    /// </param>
    /// <param name="updatesInBackground">Whether updates are computed beside the host's frames.</param>
    /// <exception cref="ArgumentException">A size or an option is out of range, or is not the policy's: the message says which.</exception>
    public Agent(AgentSpecification specification, int capacity, TrainerOptions? options, PolicyFile start, bool updatesInBackground = false)
        : this(specification, capacity, Trained(specification, capacity, options ?? new TrainerOptions(), NotNull(start)), updatesInBackground)
    {
    }

    /// <summary>An agent that acts by a policy and does not learn: <see cref="Observe"/> only tells it where episodes end.</summary>
    /// <param name="specification">What entities see and do; must fit the policy.</param>
    /// <param name="capacity">Most entities at once, at least 1; all their observations must fit into one span.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="seed">Seed of the actions.</param>
    /// <exception cref="ArgumentException">A size is out of range, or the policy is one of other observations or actions.</exception>
    public Agent(AgentSpecification specification, int capacity, PolicyFile policy, ulong seed = 1)
        : this(specification, capacity, Acting(specification, capacity, policy, seed), updatesInBackground: false)
    {
    }

    private Agent(AgentSpecification specification, int capacity, Parts parts, bool updatesInBackground)
    {
        _specification = specification;
        _tags = Instruments.TagsOf(specification.Name, TrainingTelemetry.Agent);
        (_trainer, _store) = (parts.Trainer, parts.Store);
        Capacity = capacity;
        Distribution = parts.Distribution;
        Shape = parts.Shape;
        _actionScale = parts.ActionScale;
        _isScaled = parts.Scaling is not null;
        _scalingMean = new float[specification.ObservationSize];
        _scalingDeviation = new float[specification.ObservationSize];
        parts.Scaling?.Mean.CopyTo(_scalingMean);
        parts.Scaling?.Deviation.CopyTo(_scalingDeviation);
        _parameters = new NetworkParameters(parts.Shape, parts.Distribution.MergesOutputs);
        parts.Parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        _network = NetworkKernels.Create(_parameters, keepsActivations: false);
        _network.Refresh();
        _head = PolicyHead.Create(parts.Distribution);
        _record = new AlignedBuffer<float>(Math.Max(1L, _network.RecordSize) * EntityBlock.Lanes);
        _blocks = new EntityBlock[(capacity + EntityBlock.Lanes - 1) / EntityBlock.Lanes];
        for (int block = 0; block < _blocks.Length; block++)
            _blocks[block] = new EntityBlock(specification.ObservationSize, parts.Distribution.ActionRows, _parameters.EffectiveOutputs, parts.Seed);
        // Places are given out from 0 on.
        _free = [.. Enumerable.Range(0, capacity).Reverse()];
        _freeCount = capacity;
        if (updatesInBackground)
            _background = new BackgroundUpdate(_trainer!);
    }

    /// <summary>Most entities at once: the length of every span.</summary>
    public int Capacity { get; }

    /// <summary>Entities that are there.</summary>
    public int Count => Capacity - _freeCount;

    /// <summary>What the network's outputs mean.</summary>
    public ActionDistribution Distribution { get; }

    /// <summary>The policy network.</summary>
    public NetworkShape Shape { get; }

    /// <summary>How observations are laid out. Default [feature][entity].</summary>
    public ObservationLayout Layout { get; init; }

    /// <summary>
    /// Whether entities take the most probable action, of a Gaussian the mean, instead of a drawn one. Default false. Only where the agent was made from a policy: what
    /// learns must explore.
    /// </summary>
    /// <exception cref="InvalidOperationException">The agent learns.</exception>
    public bool IsDeterministic
    {
        get;
        init
        {
            if (value && _trainer is not null)
                throw new InvalidOperationException("An agent that learns draws its actions: the gradient is that of a stochastic policy.");
            field = value;
        }
    }

    /// <summary>Updates done and in use.</summary>
    public long UpdateCount { get; private set; }

    /// <summary>Whether all episodes of the next update have ended.</summary>
    public bool IsUpdateReady => _store is { IsComplete: true } && _background is not { IsBusy: true };

    /// <summary>Episodes of the next update that have begun and ended so far.</summary>
    public (int Begun, int Ended) Progress => _store is null ? (0, 0) : (_store.Begun, _store.Ended);

    /// <summary>[ParameterCount]; the parameters that entities act by, in file order.</summary>
    public ReadOnlySpan<float> Parameters => _parameters.Flat;

    /// <summary>SHA-256 over those parameters, as <see cref="Trainer.ParameterHash"/>.</summary>
    public string ParameterHash() => Trainer.ParameterHashOf(Parameters);

    /// <summary>The policy that entities act by, to be saved.</summary>
    public PolicyFile CreatePolicyFile() => new(Shape, Parameters)
    {
        Distribution = Distribution,
        ObservationScaling = _isScaled ? new ObservationScaling(_scalingMean, _scalingDeviation) : null,
        ActionScale = _actionScale,
        Environment = _specification.Name,
        Update = UpdateCount,
    };

    /// <summary>An entity comes: its next action begins an episode.</summary>
    /// <returns>Its place in every span, from 0 to <see cref="Capacity"/> − 1; the lowest that was never used, or the last that was given back.</returns>
    /// <exception cref="InvalidOperationException">There is no room, or <see cref="Observe"/> is due.</exception>
    public int Add()
    {
        RequireBetweenFrames(nameof(Add));
        if (_freeCount == 0)
            throw new InvalidOperationException($"The agent has room for {Capacity} entities, and all are there: Remove one, or build it with a larger capacity.");
        int entity = _free[--_freeCount];
        EntityBlock block = _blocks[entity / EntityBlock.Lanes];
        ulong bit = 1UL << entity % EntityBlock.Lanes;
        block.Present |= bit;
        block.Fresh |= bit;
        return entity;
    }

    /// <summary>An entity goes; an episode that it has not ended is cut off.</summary>
    /// <param name="entity">Its place.</param>
    /// <param name="finalObservation">
    /// [ObservationSize]; what it saw after its last step. Where an episode is under way and <see cref="TrainerOptions.Bootstraps"/> asks for V of it, it must be given: the
    /// agent has seen only what came before that step. Empty for none. An entity that ends for good, as one that dies, is to be <c>terminated</c> in <see cref="Observe"/> first: then
    /// nothing is asked for.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entity.</exception>
    /// <exception cref="ArgumentException">The final observation is missing, has another length, or is not finite: the message names the entity, and it is still there.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Observe"/> is due.</exception>
    public void Remove(int entity, ReadOnlySpan<float> finalObservation = default)
    {
        RequireBetweenFrames(nameof(Remove));
        if (!IsPresent(entity))
            throw new ArgumentOutOfRangeException(nameof(entity), entity, "There is no such entity: Add gives the places of those that there are.");
        if (!finalObservation.IsEmpty && finalObservation.Length != _specification.ObservationSize)
            throw new ArgumentException($"An observation has {_specification.ObservationSize} numbers, not {finalObservation.Length}.", nameof(finalObservation));
        EntityBlock block = _blocks[entity / EntityBlock.Lanes];
        int lane = entity % EntityBlock.Lanes;
        // Asked of every episode that is under way, learnt from or not, so that a host that forgets it hears so at once.
        bool bootstraps = _trainer is { Options.Bootstraps: true } && (block.Fresh >> lane & 1) == 0;
        if (bootstraps && finalObservation.IsEmpty)
        {
            throw new ArgumentException(
                $"The episode of entity {entity} is cut off, and Bootstraps asks for V of what it saw last: finalObservation must be given, or Observe be told before that it terminated.",
                nameof(finalObservation));
        }

        for (int feature = 0; bootstraps && feature < finalObservation.Length; feature++)
            RequireFinal(entity, feature, finalObservation[feature], nameof(finalObservation));
        if ((block.Recorded >> lane & 1) != 0)
        {
            _store!.End(block.Episode[lane], isCut: true);
            if (bootstraps)
                finalObservation.CopyTo(_store.Final(block.Episode[lane]));
        }

        block.Remove(lane);
        _free[_freeCount++] = entity;
    }

    /// <summary>Whether an entity is there.</summary>
    /// <param name="entity">Its place.</param>
    public bool IsPresent(int entity) =>
        (uint)entity < (uint)Capacity && (_blocks[entity / EntityBlock.Lanes].Present >> entity % EntityBlock.Lanes & 1) != 0;

    /// <summary>Stops the threads and frees the memory; waits for an update that is under way.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _background?.Dispose();
        _trainer?.Dispose();
        _store?.Dispose();
        foreach (EntityBlock block in _blocks)
            block.Dispose();
        _network.Dispose();
        _head.Dispose();
        _parameters.Dispose();
        _record.Dispose();
    }

    private static Parts Trained(AgentSpecification specification, int capacity, TrainerOptions options, PolicyFile? start)
    {
        ArgumentNullException.ThrowIfNull(specification);
        EnvironmentSpecification environment = Checked(specification, capacity);
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.BatchSize, MaximumBatchSize, nameof(options));
        EpisodeStore store = new(options.BatchSize, specification.ObservationSize, specification.MaximumEpisodeSteps);
        ReplayTrainer trainer = new(new ReplayEnvironment(environment, store), options);
        try
        {
            if (start is not null)
                BeginWith(trainer, start);
        }
        catch
        {
            trainer.Dispose();
            store.Dispose();
            throw;
        }

        return new Parts(trainer, store, trainer.Shape, trainer.Distribution, trainer.Parameters.ToArray(), trainer.ObservationScaling, options.ActionScale, options.Seed);
    }

    /// <summary>Has a trainer begin with a policy.</summary>
    /// <exception cref="ArgumentException">It is not one of the trainer's options.</exception>
    private static void BeginWith(ReplayTrainer trainer, PolicyFile start)
    {
        NetworkShape shape = trainer.Shape, theirs = start.Shape;
        if (!theirs.Sizes.SequenceEqual(shape.Sizes) || theirs.ParameterCount != shape.ParameterCount)
            throw new ArgumentException($"The policy's network is {theirs}{(theirs.HasBias ? "" : " without biases")}, and the options ask for {shape}{(shape.HasBias ? "" : " without biases")}.", nameof(start));
        if (theirs.Activation != shape.Activation && shape.LayerCount > 1)
            throw new ArgumentException($"The policy's hidden units are {theirs.Activation}, and the options ask for {shape.Activation}.", nameof(start));
        if (start.Distribution != trainer.Distribution)
            throw new ArgumentException("The policy's outputs mean something else than the specification's actions and the options ask for.", nameof(start));
        if (start.ObservationScaling is not null != trainer.Options.NormalizeObservations)
            throw new ArgumentException($"The policy was trained with NormalizeObservations = {start.ObservationScaling is not null}, and the options ask for {trainer.Options.NormalizeObservations}.", nameof(start));
        if (!start.Distribution.IsDiscrete && start.ActionScale != trainer.Options.ActionScale)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The policy's ActionScale is {start.ActionScale}, and the options ask for {trainer.Options.ActionScale}."), nameof(start));
        trainer.SetParameters(start.Parameters);
        if (start.ObservationScaling is { } scaling)
            trainer.SetObservationScaling(scaling);
    }

    private static PolicyFile NotNull(PolicyFile start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return start;
    }

    private static Parts Acting(AgentSpecification specification, int capacity, PolicyFile policy, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(policy);
        Checked(specification, capacity);
        ActionSpace actions = specification.Actions;
        if (policy.Shape.InputSize != specification.ObservationSize)
            throw new ArgumentException($"The policy takes observations of {policy.Shape.InputSize} numbers, not of {specification.ObservationSize}.", nameof(policy));
        if (policy.Distribution.IsDiscrete != actions.IsDiscrete || policy.Distribution.Size != actions.Size)
            throw new ArgumentException($"The policy has {policy.Distribution.Size} {(policy.Distribution.IsDiscrete ? "actions" : "dimensions of action")}, not what the specification has.", nameof(policy));
        return new Parts(null, null, policy.Shape, policy.Distribution, policy.Parameters.ToArray(), policy.ObservationScaling, policy.ActionScale, seed);
    }

    private static EnvironmentSpecification Checked(AgentSpecification specification, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        EnvironmentSpecification environment = ReplayEnvironment.SpecificationOf(
            specification.Name, specification.ObservationSize, specification.Actions, specification.MaximumEpisodeSteps);
        environment.Validate();
        // Observations and actions are a span each, and a place is an offset into it.
        int widest = Math.Max(specification.ObservationSize, environment.ActionRows), most = Array.MaxLength / widest;
        if (capacity > most)
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, $"Spans of {widest} numbers an entity have room for {most} entities at most.");
        return environment;
    }

    private void RequireBetweenFrames(string call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_hasActed)
            throw new InvalidOperationException($"{call} came between Act and Observe: entities come and go between frames. Observe is due.");
    }

    private sealed record Parts(
        ReplayTrainer? Trainer, EpisodeStore? Store, NetworkShape Shape, ActionDistribution Distribution, float[] Parameters, ObservationScaling? Scaling,
        float ActionScale, ulong Seed);
}
