"""THE HEART: what a batch is, which transitions are legal, how one is submitted, controlled and read."""
