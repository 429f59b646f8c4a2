"""Who is there to tell: agencies, areas, desks with hours, ladders, coverage and sharing agreements."""
