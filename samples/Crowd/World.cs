namespace Crowd;

/// <summary>Walkers on a floor, each with a door to reach; the host's own simulation, which knows nothing of learning.</summary>
/// <param name="walkers">How many there are places for.</param>
public sealed class World(int walkers)
{
    public const int ObservationSize = 4;
    public const int Actions = 5;
    public const int MaximumSteps = 100;

    private const float Push = 0.02f;
    private const float Friction = 0.9f;
    private const float DoorWidth = 0.1f;

    private readonly float[] _x = new float[walkers], _y = new float[walkers], _vx = new float[walkers], _vy = new float[walkers];
    private readonly int[] _age = new int[walkers];
    private readonly Random _random = new(1);

    /// <summary>[feature][walker]; way to the door and velocity.</summary>
    public float[] Observations { get; } = new float[ObservationSize * walkers];

    public float[] Rewards { get; } = new float[walkers];

    public bool[] Arrived { get; } = new bool[walkers];

    public bool[] GaveUp { get; } = new bool[walkers];

    /// <summary>A walker comes in somewhere; its door is at the origin.</summary>
    public void Enter(int walker)
    {
        (_x[walker], _y[walker]) = (2 * _random.NextSingle() - 1, 2 * _random.NextSingle() - 1);
        (_vx[walker], _vy[walker], _age[walker]) = (0, 0, 0);
        Look(walker);
    }

    /// <summary>Every walker takes a step: 0 rests, 1 to 4 push right, left, up, down.</summary>
    public void Move(ReadOnlySpan<int> actions)
    {
        for (int walker = 0; walker < walkers; walker++)
        {
            (int right, int up) = actions[walker] switch { 1 => (1, 0), 2 => (-1, 0), 3 => (0, 1), 4 => (0, -1), _ => (0, 0) };
            _vx[walker] = Friction * _vx[walker] + Push * right;
            _vy[walker] = Friction * _vy[walker] + Push * up;
            _x[walker] += _vx[walker];
            _y[walker] += _vy[walker];
            float distance = MathF.Sqrt(_x[walker] * _x[walker] + _y[walker] * _y[walker]);
            Arrived[walker] = distance < DoorWidth;
            GaveUp[walker] = ++_age[walker] >= MaximumSteps;
            Rewards[walker] = Arrived[walker] ? 1 : -0.1f * distance;
            if (Arrived[walker] || GaveUp[walker])
                Enter(walker);
            else
                Look(walker);
        }
    }

    private void Look(int walker)
    {
        Observations[walker] = _x[walker];
        Observations[walkers + walker] = _y[walker];
        Observations[2 * walkers + walker] = 10 * _vx[walker];
        Observations[3 * walkers + walker] = 10 * _vy[walker];
    }
}
