"""Everything that touches torch. The standard library and torch only."""
