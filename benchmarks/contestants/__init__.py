"""Those who run side by side: for each how it is filled, started, watched and cleared."""
