"""What runs in the background: the Kafka loop, the queue loop, and one file for each worker."""
