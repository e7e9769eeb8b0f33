"""Plans by prices: insertion, repacking of months, rounds of annealing."""
