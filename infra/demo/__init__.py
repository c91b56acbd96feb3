"""The demonstration: months of simulated history, then one day of it, and the story of that day."""
