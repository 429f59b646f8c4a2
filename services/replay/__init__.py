"""What a replay asks of an installation: is it quiet, when is the next thing due, and what came of it all."""
