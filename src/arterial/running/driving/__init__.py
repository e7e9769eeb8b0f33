"""What the train does next: pull, hold the speed, or follow a braking curve."""
