"""Coach sets as dictionaries, for the plain simulation of through coaches."""

LONG_AGO_S = -(1 << 60)


def start_sets(plan, number):
    """Sets where they stand at the start, for one number of spare sets."""
    return [
        {"pool": row["pool"], "place": row["place"], "ready_s": int(row["ready_s"]), "trip": -1,
         "held_s": LONG_AGO_S}
        for row in plan.sets[plan.set_begin[number] : plan.set_begin[number + 1]]
    ]  # fmt: skip


def count_planned_sets(coaches):
    """Sets that stand ready for each trip where all goes as announced."""
    plan, found = coaches.plan, {}
    sets, waiting = start_sets(plan, 0), list(plan.stays)
    for trip, row in enumerate(plan.trips):
        departure_s = coaches.planned_s(int(row["leg_begin"]), "from_stop")
        waiting = [stay for stay in waiting if not serve_works(stay, sets, departure_s)]
        mine = [s for s in sets if (s["pool"], s["place"]) == (row["pool"], row["from_place"])]
        found[trip] = sum(s["ready_s"] <= departure_s for s in mine)
        if mine and row["pool"] >= 0:
            back_s = coaches.planned_s(int(row["leg_end"]) - 1, "to_stop") + int(row["turn_s"])
            taken = min(mine, key=lambda s: s["ready_s"])
            taken |= {"place": row["to_place"], "ready_s": back_s}
    return found


def serve_works(stay, sets, at_s):
    """Whether a stay in the works is due and finds a set; the set is then away until it is over."""
    begin_s, end_s = int(stay["from_s"]), int(stay["until_s"])
    free_s, where = max(begin_s, at_s), (stay["pool"], stay["place"])
    home = [s for s in sets if (s["pool"], s["place"]) == where and s["held_s"] <= free_s]
    if begin_s > at_s or not home:
        return False
    taken = min(home, key=lambda s: (s["held_s"] > begin_s, s["ready_s"]))
    ready_s = max(taken["ready_s"], begin_s) + end_s - begin_s
    taken |= {"ready_s": ready_s, "trip": -1, "held_s": ready_s}
    return True
