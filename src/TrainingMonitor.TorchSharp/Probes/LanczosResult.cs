namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Result of Lanczos' method.</summary>
/// <param name="Value">Largest eigenvalue, a lower bound of the true one.</param>
/// <param name="Residual">‖Ax − λx‖: an eigenvalue of A lies within this distance.</param>
/// <param name="Products">Products with A.</param>
/// <param name="Converged">The residual came below the tolerance.</param>
internal readonly record struct LanczosResult(double Value, double Residual, int Products, bool Converged);
