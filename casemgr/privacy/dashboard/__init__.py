"""The officer's dashboard, the sums it is drawn from, and the monthly report."""
