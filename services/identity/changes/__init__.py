"""News of who became whom, for those who keep person ids of ours: published at least once, in order."""
