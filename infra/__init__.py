"""What runs the system: settings and wiring, the command line, and the services underneath."""
