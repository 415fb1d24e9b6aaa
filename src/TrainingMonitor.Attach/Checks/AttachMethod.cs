namespace TrainingMonitor.Attach.Checks;

/// <summary>Ways into a running interpreter.</summary>
public enum AttachMethod
{
    /// <summary>The interpreter's own: sys.remote_exec, from Python 3.14 on.</summary>
    RemoteExec,

    /// <summary>gdb at a safe point.</summary>
    Gdb,
}
