namespace TrainingMonitor.Server.Hosting;

/// <summary>Where the value of an option came from; a later one wins over an earlier one.</summary>
public enum ServerOptionOrigin
{
    /// <summary>Built in.</summary>
    Default = 0,

    /// <summary>The JSON settings file.</summary>
    SettingsFile = 1,

    /// <summary>A TRAINMON_* environment variable.</summary>
    Environment = 2,

    /// <summary>The program that starts the server: its command line or code.</summary>
    Caller = 3,
}
