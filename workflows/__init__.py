"""What happens: steps, compensation, transactions (floor 2)."""
