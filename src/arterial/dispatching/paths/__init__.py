"""Train paths of a study: planned together, and planned anew once trains are held or track shut.

Main functions: :func:`arterial.dispatching.paths.planning.plan_paths` and
:func:`arterial.dispatching.paths.rescheduling.reschedule`. `encoding` writes requests, possessions
and links into arrays, `search_kernel` searches, `decoding` reads the paths back.
"""
