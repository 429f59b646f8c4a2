"""How a mention becomes a record: one module for each kind of thing it says. All pure; `standardise` calls them."""
