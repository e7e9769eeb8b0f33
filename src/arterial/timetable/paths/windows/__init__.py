"""Uses of the track and the free windows between them."""
