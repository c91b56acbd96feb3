"""The commands of `brdo`, one module each: they parse, call and print."""
