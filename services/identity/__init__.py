"""Who is who: records of agencies, what joins and parts them, and the persons they make up.

In the order to read it:

* `standardise` (with `standard`): what a mention says, in one normal form. `keys`: where it is found, and where it looks.
* `compare`: whether two records are one person. `scoring` weighs them against rivals; `names`, `alike` and `tables` know how
  names are written.
* `people`: the whole answer over a set of records. `held` is what it is given; `cluster`, `components`, `agglomerate`, `composite`
  and `twins` say which records are one person, `protect` who is joined to nobody, `unnamed` who placeholders and senders are.

All of these are pure. `resolve` is the stored pipeline: it looks (`look`, `graph`, `statements`), locks, calls the same functions and
writes (`store`). Around it: `persons` (the ids given to others), `changes` (who became whom, published), `review` and `decide` (what
people say, kept by `decided_store` for whoever looks into a wrong merge), `corrections` (what a corrected record keeps of it),
`counts` (how often names are borne in this bus, by which scores are made) and `rejudge` (everybody anew).
"""
