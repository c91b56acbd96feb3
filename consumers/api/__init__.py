"""What contact points fetch: their deliveries, the records behind them, and permissions; HTTP under `/v1`."""
