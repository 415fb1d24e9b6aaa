"""Curvature from a loss that the user gives. Probes cost several passes each and leave no trace."""
