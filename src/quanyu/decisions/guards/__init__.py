"""What is owed to who looks, whatever is bid."""
