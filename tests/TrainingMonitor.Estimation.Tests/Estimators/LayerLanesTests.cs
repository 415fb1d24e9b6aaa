using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>Layers are worked on in vectors of four or eight; the oracle's networks have three, which never fill one. So the same three, repeated to fill
/// vectors and a rest, must get the same numbers.</summary>
public sealed class LayerLanesTests
{
    [Fact]
    public void A_layer_has_the_same_series_wherever_it_stands_in_a_vector()
    {
        const int Copies = 7;
        var trainer = new OracleTrainer(new OracleOptions { Optimizer = OptimizerKind.Adam, LearningRate = 0.01, WeightDecay = 0.01 }, OracleData.Teacher(100, 0.2));
        RunAnalysis few = new(trainer.Configuration), many = new(trainer.Configuration);
        few.SetLayers(trainer.LayerNames);
        many.SetLayers([.. Enumerable.Range(0, Copies).SelectMany(copy => trainer.LayerNames.Select(name => $"{name} {copy}"))]);
        var repeated = new StepInput();
        var different = false;
        for (var t = 0; t < 60; t++)
        {
            trainer.Next();
            few.Apply(trainer.Step);
            Repeat(trainer.Step, repeated, Copies, otherwise: t is 20 or 21);
            many.Apply(repeated);
            different |= many.LayerValues(LayerSeries.SignalShare)[0] != few.LayerValues(LayerSeries.SignalShare)[0];
            foreach (var series in Enum.GetValues<LayerSeries>())
            {
                var expected = few.LayerValues(series).ToArray();
                for (var i = 0; i < Copies * expected.Length; i++)
                {
                    // Layer 0 goes its own way from step 20 on; its neighbours in the vector do not.
                    if (i > 0 || t < 20)
                    {
                        BitConverter.DoubleToInt64Bits(many.LayerValues(series)[i]).ShouldBe(BitConverter.DoubleToInt64Bits(expected[i % expected.Length]), $"{series} {i} at {t}");
                    }
                }
            }
        }

        different.ShouldBeTrue();
    }

    private static void Repeat(StepInput from, StepInput to, int copies, bool otherwise)
    {
        to.Reset(from.LayerCount * copies);
        (to.Step, to.TimeUnixNs, to.BatchSize, to.UnitCount, to.UnitSize, to.Flags) = (from.Step, from.TimeUnixNs, from.BatchSize, from.UnitCount, from.UnitSize, from.Flags);
        foreach (var statistic in Enum.GetValues<LayerStatistic>().Where(statistic => from.Has(statistic)))
        {
            var column = to.AddColumn(statistic);
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = from.Column(statistic)[i % from.LayerCount];
            }

            if (otherwise && statistic == LayerStatistic.Own)
            {
                column[0] *= 3;
            }
        }
    }
}
