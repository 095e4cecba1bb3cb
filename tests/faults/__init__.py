"""Faults looked for on purpose: properties under random and hostile input, by kind.

``make test-faults`` tries a few of each kind, the same ones each time; ``make soak`` tries new ones
for an hour. A kind is a function that draws one case and fails where its property does not hold.
"""
