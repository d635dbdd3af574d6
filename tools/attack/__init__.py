"""What somebody with bad intentions, or a bad day of the machine, tries: `make attack`.

Installs a portal by its own commands, on SQLite and on PostgreSQL in turn, serves it on free ports
of this machine, and tries to break in, to shut others out and to lose what was written. Prints
each try and whether the portal held. Nothing leaves the machine: other addresses are refused.
"""
