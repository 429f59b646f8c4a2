"""Rules: pure functions of a case and a clock. `load.load_catalogue` reads them, `evaluate.evaluate` judges by them."""
