"""Those nobody has named: placeholders and unnamed senders. Who they are is worked out purely (joins.py) from what is looked up around
the people who changed (look.py, store.py).
"""
