"""How good is "who is who"? Labelled records, pairs and sequences, by the pipeline's own functions, and the figures."""
