"""Who holds which resource when: sorted, disjoint intervals for each resource."""
