using PgFast.Files;
using PgFast.Networks;

namespace PgFast.Export;

/// <summary>The second part of a C header: the network, then what its head makes of it.</summary>
internal static class CHeaderFunctions
{
    public static void Add(CHeaderText text, PolicyFile policy)
    {
        AddLayer(text, policy.Shape.HasBias);
        if (policy.Shape.LayerCount > 1)
            AddActivation(text, policy.Shape.Activation);
        AddNetwork(text, policy);
        if (policy.Distribution.MergesOutputs)
            AddTwoActions(text);
        else if (policy.Distribution.IsDiscrete)
            AddActions(text);
        else
            AddGaussian(text, policy);
        text.Add("#endif");
    }

    private static void AddLayer(CHeaderText text, bool hasBias) => text.Add(
        $$"""
        /* weight [outputs][inputs], row by row. */
        static inline void @layer(const float *weight, {{(hasBias ? "const float *bias, " : "")}}int inputs, int outputs, const float *input, float *output)
        {
            for (int i = 0; i < outputs; i++) {
                float sum = {{(hasBias ? "bias[i]" : "0.0f")}};
                for (int j = 0; j < inputs; j++)
                    sum += weight[i * inputs + j] * input[j];
                output[i] = sum;
            }
        }

        """);

    private static void AddActivation(CHeaderText text, Activation activation) => text.Add(
        $$"""
        static inline void @activate(float *value, int count)
        {
            for (int i = 0; i < count; i++)
                value[i] = {{(activation == Activation.Tanh ? "tanhf(value[i])" : "value[i] > 0.0f ? value[i] : 0.0f")}};
        }

        """);

    private static void AddNetwork(CHeaderText text, PolicyFile policy)
    {
        NetworkShape shape = policy.Shape;
        string input = "observation";
        text.Add("static inline void @network(const float *observation, float *output)\n{");
        if (policy.ObservationScaling is not null)
        {
            text.Add("    float scaled[$OBSERVATION_SIZE];");
            text.Add("    for (int i = 0; i < $OBSERVATION_SIZE; i++)");
            text.Add("        scaled[i] = (observation[i] - @observation_mean[i]) / @observation_deviation[i];");
            input = "scaled";
        }

        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            bool isLast = layer == shape.LayerCount - 1;
            int outputs = isLast && policy.Distribution.MergesOutputs ? 1 : shape.OutputSizeOf(layer);
            string output = isLast ? "output" : Text($"hidden_{layer}");
            if (!isLast)
                text.Add(Text($"    float {output}[{outputs}];"));
            string bias = shape.HasBias ? Text($"@bias_{layer}, ") : "";
            text.Add(Text($"    @layer(@weight_{layer}, {bias}{shape.InputSizeOf(layer)}, {outputs}, {input}, {output});"));
            if (!isLast)
                text.Add(Text($"    @activate({output}, {outputs});"));
            input = output;
        }

        text.Add("}\n");
    }

    /// <summary>As the engine computes it: e = exp(−z) of the difference z of the logits, limited so that it stays finite.</summary>
    private static void AddTwoActions(CHeaderText text) => text.Add(
        """
        /* The probability of each action: probabilities [$ACTION_COUNT]. */
        static inline void @probabilities(const float *observation, float *probabilities)
        {
            float difference, odds;
            @network(observation, &difference);
            difference = difference < -87.0f ? -87.0f : difference > 87.0f ? 87.0f : difference;
            odds = expf(-difference);
            probabilities[1] = 1.0f / (1.0f + odds);
            probabilities[0] = odds * probabilities[1];
        }

        /* The most probable action; of equals, the first. */
        static inline int @action(const float *observation)
        {
            float difference;
            @network(observation, &difference);
            return difference > 0.0f;
        }

        /* An action drawn with a uniform random number between 0 and 1, both excluded. */
        static inline int @sample(const float *observation, float uniform)
        {
            float probabilities[$ACTION_COUNT];
            @probabilities(observation, probabilities);
            return uniform < probabilities[1];
        }

        """);

    private static void AddActions(CHeaderText text) => text.Add(
        """
        /* The probability of each action: probabilities [$ACTION_COUNT]. */
        static inline void @probabilities(const float *observation, float *probabilities)
        {
            float largest, total = 0.0f;
            @network(observation, probabilities);
            largest = probabilities[0];
            for (int k = 1; k < $ACTION_COUNT; k++)
                largest = probabilities[k] > largest ? probabilities[k] : largest;
            for (int k = 0; k < $ACTION_COUNT; k++) {
                probabilities[k] = expf(probabilities[k] - largest);
                total += probabilities[k];
            }
            for (int k = 0; k < $ACTION_COUNT; k++)
                probabilities[k] /= total;
        }

        /* The most probable action; of equals, the first. */
        static inline int @action(const float *observation)
        {
            float logit[$ACTION_COUNT];
            int best = 0;
            @network(observation, logit);
            for (int k = 1; k < $ACTION_COUNT; k++)
                best = logit[k] > logit[best] ? k : best;
            return best;
        }

        /* An action drawn with a uniform random number between 0 and 1, both excluded. */
        static inline int @sample(const float *observation, float uniform)
        {
            float probabilities[$ACTION_COUNT], cumulative = 0.0f;
            int action = 0;
            @probabilities(observation, probabilities);
            for (; action < $ACTION_COUNT - 1; action++) {
                cumulative += probabilities[action];
                if (uniform < cumulative)
                    break;
            }
            return action;
        }

        """);

    private static void AddGaussian(CHeaderText text, PolicyFile policy)
    {
        bool isFree = policy.Distribution.FreeOutputs > 0;
        string scale = CHeaderText.Number(policy.ActionScale);
        // With a free σ it is a constant in the environment's unit already; else the network's outputs are all μ, then all log σ.
        string outputs = isFree ? "$ACTION_SIZE" : "2 * $ACTION_SIZE";
        string deviation = isFree ? "@deviation[d]" : $"{scale} * expf(output[$ACTION_SIZE + d])";
        string evaluate = isFree ? "(void)observation;" : $"float output[{outputs}];\n    @network(observation, output);";
        text.Add(
            $$"""
            /* The mean of an action: mean [$ACTION_SIZE]. */
            static inline void @mean(const float *observation, float *mean)
            {
                float output[{{outputs}}];
                @network(observation, output);
                for (int d = 0; d < $ACTION_SIZE; d++)
                    mean[d] = {{scale}} * output[d];
            }

            /* The standard deviation of an action: deviation [$ACTION_SIZE]. */
            static inline void @standard_deviation(const float *observation, float *deviation)
            {
                {{evaluate}}
                for (int d = 0; d < $ACTION_SIZE; d++)
                    deviation[d] = {{deviation}};
            }

            /* The action to take where nothing is left to chance: the mean. */
            static inline void @action(const float *observation, float *action)
            {
                @mean(observation, action);
            }

            /* An action drawn with standard normal random numbers: normal [$ACTION_SIZE], action [$ACTION_SIZE]. */
            static inline void @sample(const float *observation, const float *normal, float *action)
            {
                float output[{{outputs}}];
                @network(observation, output);
                for (int d = 0; d < $ACTION_SIZE; d++)
                    action[d] = {{scale}} * output[d] + {{deviation}} * normal[d];
            }

            """);
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
