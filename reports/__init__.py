"""What leaves the house: supervisors' lists, annual report."""
