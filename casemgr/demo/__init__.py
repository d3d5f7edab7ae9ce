"""The demonstration hospital: invented people in a real country, the same for everyone.

Nobody in here exists. Identity numbers use unassigned province codes and telephones the
unassigned prefix 050, so that none of them can belong to anybody.
"""
