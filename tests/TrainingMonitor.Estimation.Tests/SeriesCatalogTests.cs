using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests;

public sealed class SeriesCatalogTests
{
    [Fact]
    public void Every_series_has_a_name_a_unit_and_a_meaning_and_is_found_by_its_name()
    {
        foreach (var series in Enum.GetValues<RunSeries>())
        {
            var info = SeriesCatalog.Info(series).ShouldNotBeNull();
            info.Unit.ShouldNotBeEmpty();
            info.Description.ShouldNotBeEmpty();
            SeriesCatalog.TryGetRun(info.Name, out var found).ShouldBeTrue();
            found.ShouldBe(series);
        }

        foreach (var series in Enum.GetValues<LayerSeries>())
        {
            var info = SeriesCatalog.Info(series).ShouldNotBeNull();
            SeriesCatalog.TryGetLayer(info.Name, out var found).ShouldBeTrue();
            found.ShouldBe(series);
        }
    }

    [Fact]
    public void Unknown_names_are_not_found()
    {
        SeriesCatalog.TryGetRun("momentum_norm", out _).ShouldBeFalse();
        SeriesCatalog.TryGetLayer("loss", out _).ShouldBeFalse();
    }
}
