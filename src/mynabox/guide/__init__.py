"""Answers for people: a question in, message ids, values and citations out."""
