using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>One transformer block over the tokens (a, b, =) without normalization, as in the grokking literature (Nanda et al. 2023): learned positions,
/// four heads, a ReLU layer four times as wide. Returns the last position, [n, width].</summary>
internal sealed class TransformerBlock : Module<Tensor, Tensor>
{
    private const int Heads = 4;
    private const int Length = 3;
    private readonly int modulus;
    private readonly Embedding tokens;
    private readonly Embedding positions;
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear mix;
    private readonly Linear up;
    private readonly Linear down;

    public TransformerBlock(int modulus, int width)
        : base(nameof(TransformerBlock))
    {
        this.modulus = modulus;
        tokens = Embedding(modulus + 1, width);
        positions = Embedding(Length, width);
        query = Linear(width, width, hasBias: false);
        key = Linear(width, width, hasBias: false);
        value = Linear(width, width, hasBias: false);
        mix = Linear(width, width, hasBias: false);
        up = Linear(width, 4 * width);
        down = Linear(4 * width, width);
        using (no_grad())
        {
            foreach (var embedding in (Embedding[])[tokens, positions])
            {
                embedding.weight!.mul_(1 / Math.Sqrt(width));
            }
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var examples = input.shape[0];
        var equals = full([examples, 1], modulus, dtype: ScalarType.Int64);
        var places = arange(Length, ScalarType.Int64).unsqueeze(0).expand(examples, Length).contiguous();
        var x = tokens.call(cat([input, equals], 1)) + positions.call(places);
        var width = x.shape[2];
        var last = x.slice(1, Length - 1, Length, 1);
        Tensor q = Split(query.call(last)), k = Split(key.call(x)), v = Split(value.call(x));
        var attention = q.matmul(k.transpose(2, 3)).div(Math.Sqrt((double)width / Heads)).softmax(3).matmul(v);
        var y = last + mix.call(attention.transpose(1, 2).reshape(examples, 1, width));
        return (y + down.call(functional.relu(up.call(y)))).squeeze(1);
    }

    private static Tensor Split(Tensor x) => x.reshape(x.shape[0], x.shape[1], Heads, x.shape[2] / Heads).transpose(1, 2);
}
