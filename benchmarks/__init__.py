"""One file per promise: us, the peers and the raw limit in the same run on the same machine, as ratios."""
