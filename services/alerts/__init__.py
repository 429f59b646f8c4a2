"""What has been raised, for whom, and what each has been told."""
