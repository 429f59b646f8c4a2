"""What happened, in order, per source: facts and the cases they make up."""
