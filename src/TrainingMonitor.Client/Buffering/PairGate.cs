namespace TrainingMonitor.Client.Buffering;

/// <summary>
/// Drops reports as whole pairs. The report of step t+1 holds the cross term with the update of step t: half a pair is worth nothing. The decision is
/// made at the first report of a pair and holds for its second, unless even the reserve is used up.
/// </summary>
internal struct PairGate
{
    private ulong pair;
    private bool decided, admitted, afterGap;

    /// <summary>Reports dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether to take the report of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="pairInterval">Steps between the starts of two pairs, as in the schedule.</param>
    /// <param name="room">There is room for a new pair.</param>
    /// <param name="reserve">There is room for the second half of a pair.</param>
    /// <param name="pairBroken">True: the report before was dropped, so that the pair with it cannot be used.</param>
    public bool Admit(ulong step, uint pairInterval, bool room, bool reserve, out bool pairBroken)
    {
        var now = step / Math.Max(pairInterval, 2);
        if (!decided || now != pair)
        {
            (pair, decided, admitted) = (now, true, room);
        }

        admitted &= reserve;
        pairBroken = afterGap;
        afterGap = !admitted;
        Dropped += admitted ? 0 : 1;
        return admitted;
    }
}
