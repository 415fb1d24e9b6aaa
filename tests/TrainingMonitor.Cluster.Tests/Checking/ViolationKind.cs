namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>What may be wrong.</summary>
public enum ViolationKind
{
    /// <summary>A frame that a server called durable is not in the log.</summary>
    DurableFrameLost,

    /// <summary>A frame is in the log twice.</summary>
    FrameTwice,

    /// <summary>Frames of a rank are in the log out of order, or with a hole that nobody declared.</summary>
    FrameOutOfOrder,

    /// <summary>A frame in the log is not what the trainer sent under its number.</summary>
    FrameChanged,

    /// <summary>Positions of the log do not follow each other.</summary>
    LogBroken,

    /// <summary>The replay met an input that cannot be applied.</summary>
    InputFailed,

    /// <summary>A committed point is not in the store.</summary>
    PointMissing,

    /// <summary>The store has a point that the replay does not give.</summary>
    PointExtra,

    /// <summary>The store has one step of one series more than once.</summary>
    PointTwice,

    /// <summary>A stored point has other values than the replay gives.</summary>
    PointDiffers,

    /// <summary>Points of durable inputs were not committed though the run stood still.</summary>
    PointsBehind,

    /// <summary>A node shows another state than the replay gives.</summary>
    StateDiffers,

    /// <summary>A node shows an alert twice.</summary>
    AlertTwice,

    /// <summary>A node shows other alerts than the replay gives.</summary>
    AlertsDiffer,

    /// <summary>A receiver was not told of an alert.</summary>
    AlertNotDelivered,

    /// <summary>A receiver was told of an alert that the replay does not give.</summary>
    AlertInvented,

    /// <summary>A trainer that is connected does not know of an alert that fires.</summary>
    AlertNotSeenByTrainer,

    /// <summary>A trainer was told of an alert that the replay does not give.</summary>
    AlertInventedToTrainer,

    /// <summary>An epoch went down, or two owners wrote in turns.</summary>
    OwnedTwice,

    /// <summary>An owner called a frame durable that an owner after it wrote.</summary>
    AckByFormerOwner,

    /// <summary>A trainer that stood still was refused, or left steps out.</summary>
    TrainerOff,

    /// <summary>A node ended by an exception that nobody caught.</summary>
    NodeCrashed,
}
