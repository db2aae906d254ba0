using System.Globalization;
using System.Text;

namespace PgFast.Reports.Pages;

/// <summary>The policy at work: a drawing of one state, which the page's script moves through the episode.</summary>
internal static class EpisodeSection
{
    // One metre is 62 units: the track of ±2.4 m and half a cart beyond it are as wide as the other figures.
    private const double Scale = 62;
    private const double Middle = 175;

    public static void Add(Html html, CartPoleEpisode episode, string policyName, string parameterHash)
    {
        html.Element("h2", "The policy at work").OpenFigure("episode").Raw(Drawing(episode)).Raw(Data(episode));
        html.Raw(Invariant(
            $"""
            <div class="controls" id="episode-controls" hidden>
            <button type="button" id="episode-button">Play</button>
            <input type="range" id="episode-slider" min="0" max="{episode.Steps}" value="0" aria-label="Step of the episode">
            <output id="episode-step">step 0 of {episode.Steps}</output>
            </div>

            """));
        string end = episode.Steps >= Environments.CartPole.Specification.MaximumEpisodeSteps ? "up to the time limit" : "until it ended";
        html.Element(
            "figcaption",
            Invariant($"One episode of {policyName}: the cart balances the pole for {episode.Steps} steps of 0.02 s, {end}. ")
            + Invariant($"Actions are drawn from the policy (seed {episode.Seed}); the marks are the ends of the track at ±2.4 m. ")
            + $"Parameters {parameterHash[..Math.Min(12, parameterHash.Length)]}….");
        html.Raw("</figure>\n");
    }

    private static string Drawing(CartPoleEpisode episode)
    {
        double x = Middle + Scale * episode.Positions[0], angle = episode.Angles[0] * 180 / Math.PI;
        return Invariant(
            $"""
            <svg class="episode" viewBox="0 0 350 130" width="350" height="130" role="img" aria-label="A cart on a track with a pole on it">
            <path class="track" d="M 4 110 H 346 M {Middle - 2.4 * Scale:0.##} 103 V 117 M {Middle + 2.4 * Scale:0.##} 103 V 117"/>
            <g id="episode-cart" transform="translate({x:0.##} 100)">
            <rect class="cart" x="-17" y="-10" width="34" height="20" rx="2"/>
            <path id="episode-pole" class="pole" d="M 0 -6 V {-6 - Scale:0.##}" transform="rotate({angle:0.##} 0 -6)"/>
            <circle class="axle" cx="0" cy="-6" r="3"/>
            </g>
            </svg>

            """);
    }

    /// <summary>Millimetres, and hundredths of a degree.</summary>
    private static string Data(CartPoleEpisode episode)
    {
        StringBuilder json = new("<script type=\"application/json\" id=\"episode-data\">");
        json.Append(CultureInfo.InvariantCulture, $"{{\"stepSeconds\":{CartPoleEpisode.StepSeconds},\"scale\":{Scale},\"middle\":{Middle},\"x\":[");
        json.AppendJoin(',', episode.Positions.Select(x => Invariant($"{x:0.###}")));
        json.Append("],\"degrees\":[");
        json.AppendJoin(',', episode.Angles.Select(angle => Invariant($"{angle * 180 / Math.PI:0.##}")));
        return json.Append("]}</script>\n").ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
