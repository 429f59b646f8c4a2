"""Events that agencies correct: what people decided about the old record holds for the new one."""
