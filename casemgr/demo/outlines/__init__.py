"""Eighty outlines in five themes; a parent's stands before the child's who came along."""

from casemgr.demo.outlines.border import BORDER
from casemgr.demo.outlines.families import FAMILIES
from casemgr.demo.outlines.minors import MINORS
from casemgr.demo.outlines.outline import Outline
from casemgr.demo.outlines.risk import RISK
from casemgr.demo.outlines.wards import WARDS

OUTLINES: tuple[Outline, ...] = BORDER + WARDS + FAMILIES + RISK + MINORS
