"""What works are worth: delay and derailments avoided."""
