"""Replaying a case against a running installation: post, wait for quiet, move the clock, play the desks, compare."""
