"""The one door out: what an agency may see, on which agreement, and with which words withheld."""
