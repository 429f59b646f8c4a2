"""Who is who: records of agencies, what joins and parts them, and the persons they make up.

`standardise`, `compare`, `keys`, `cluster`, `slots` and `people` are pure. The stored projection is `resolve` with
`store`, which lock the persons they touch and call the same functions.
"""
