"""What waits for me today: above all rooms, it asks each of them for one number."""
