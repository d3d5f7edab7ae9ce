"""What somebody has to look at again: alerts, break-glass, monthly access reviews."""
