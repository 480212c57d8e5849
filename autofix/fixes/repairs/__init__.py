"""Repairs of a program's structure: where the code that is to be differentiated stands, and what it is kept in.

Each module here knows one kind: it takes a program with a fault and gives whole texts to try, the likeliest first.
None has to be right: the program says which of them computes what it did, prints what it did, and trains.
"""
