"""What a person who runs the bus must look at."""
