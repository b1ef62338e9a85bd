"""Simulated people: a face renderer, a process of emotions, and a writer of whole corpora.

Everything made here is simulated. It exercises the software; it is no evidence about people.
"""
