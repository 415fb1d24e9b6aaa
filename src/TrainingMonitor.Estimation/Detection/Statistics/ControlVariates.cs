using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>Takes out of a noisy reading half of what other readings of the same batch tell of its noise: y − ½β·c, c the surprises of the controls (value − forecast,
/// <see cref="TrendForecast"/>) and β their regression on earlier readings (control variates, Lavenberg and Welch 1981). The long-run mean stays; where the controls explain the share R² of the
/// variance, 1 − ¾R² of it is left.</summary>
/// <remarks>Half, and not all: the mean of a control is not known but forecast, and the error of a forecast lasts for about as long as the forecast remembers. Over that time what is left has a mean of
/// its own, ½β times the error; with all of β it is large against what is left, and a sequential test alarms several times too often (measured in the tests).</remarks>
public sealed class ControlVariates
{
    // Forecasts follow over about 25 readings; the regression remembers 100. The ridge is relative to each variance and larger while there are few readings.
    private const double ForecastRate = 0.08;
    private const double Memory = 0.99;
    private const double Ridge = 0.1;
    private const double Share = 0.5;

    private readonly int count;
    private readonly TrendForecast[] forecasts;
    private readonly double[] covariance;
    private readonly double[] withReading;
    private readonly double[] surprises;
    private readonly double[] system;
    private readonly double[] solution;
    private double weight;

    /// <summary>For a number of controls.</summary>
    public ControlVariates(int count)
    {
        this.count = count;
        forecasts = new TrendForecast[count];
        covariance = new double[count * count];
        withReading = new double[count];
        surprises = new double[count];
        system = new double[count * count];
        solution = new double[count];
    }

    /// <summary>The reading without half of the noise that its controls explain. Controls that are not numbers explain nothing.</summary>
    public double Add(double reading, ReadOnlySpan<double> controls)
    {
        for (var i = 0; i < count; i++)
        {
            surprises[i] = forecasts[i].Surprise(controls[i], ForecastRate);
        }

        var left = reading - (Share * Explained());
        weight = (Memory * weight) + 1;
        for (var i = 0; i < count; i++)
        {
            withReading[i] = (Memory * withReading[i]) + (reading * surprises[i]);
            for (var j = 0; j < count; j++)
            {
                covariance[(i * count) + j] = (Memory * covariance[(i * count) + j]) + (surprises[i] * surprises[j]);
            }
        }

        return left;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(forecasts);
        Array.Clear(covariance);
        Array.Clear(withReading);
        weight = 0;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (var forecast in forecasts)
        {
            forecast.Save(writer);
        }

        writer.Write(covariance);
        writer.Write(withReading);
        writer.Write(weight);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        for (var i = 0; i < count; i++)
        {
            forecasts[i] = TrendForecast.Load(ref reader);
        }

        reader.Read(covariance);
        reader.Read(withReading);
        weight = reader.ReadDouble();
    }

    // β·c by Gaussian elimination; the ridge keeps the pivots positive. Sums, not means: the weight cancels.
    private double Explained()
    {
        if (!(weight > 0))
        {
            return 0;
        }

        Array.Copy(covariance, system, system.Length);
        Array.Copy(withReading, solution, count);
        for (var i = 0; i < count; i++)
        {
            ref var diagonal = ref system[(i * count) + i];
            diagonal = diagonal > 0 ? diagonal * (1 + Ridge + (1 / weight)) : 1;
        }

        Eliminate();
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += solution[i] * surprises[i];
        }

        return double.IsFinite(sum) ? sum : 0;
    }

    private void Eliminate()
    {
        for (var pivot = 0; pivot < count; pivot++)
        {
            for (var row = pivot + 1; row < count; row++)
            {
                var factor = system[(row * count) + pivot] / system[(pivot * count) + pivot];
                for (var column = pivot; column < count; column++)
                {
                    system[(row * count) + column] -= factor * system[(pivot * count) + column];
                }

                solution[row] -= factor * solution[pivot];
            }
        }

        for (var row = count - 1; row >= 0; row--)
        {
            for (var column = row + 1; column < count; column++)
            {
                solution[row] -= system[(row * count) + column] * solution[column];
            }

            solution[row] /= system[(row * count) + row];
        }
    }
}
