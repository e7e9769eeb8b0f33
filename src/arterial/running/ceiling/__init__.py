"""What a train may not exceed: limits by position, and the braking curves down to them."""
