"""Rules: pure functions of a case and a clock.

* From file to closure: `load` reads the `catalogue`. `model` is what a file may say; `compile`, `patterns` and `kinds` make closures of
  it; `registry` holds the words it may use, which stand in `vocabulary` and `predicates` and are made of `words`; `parameters` are what
  a local board may set.
* From case to findings: `evaluate`. A `view` is the case as words look at it and `people` who is who in it; a `situation` is judged
  `standing` by standing, `episodes` say when it rang and how it ended, `answered` what an answer leaves of its evidence, `lifts` what the
  second stratum does to the first, `recipients` whom it is for, `text` what it says. `findings` are the answer.
* About the rules themselves: `describe` them in words, `ladder_words` the ladder, which is none; `reading` what they can be shown, `touched` what can touch them.
"""
