"""What a border station runs: it publishes events, and nothing else."""
