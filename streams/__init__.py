"""What correlates: a pure engine (`engine`, `typologies`) inside a thin Faust shell (`app`, `batches`)."""
