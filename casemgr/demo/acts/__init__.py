"""How each kind of event is played: through the services of the house, as the one who acts."""

from casemgr.demo.acts import casework, consents, office, referring, screening
from casemgr.demo.scene import Acts

ACTS: Acts = {
    **screening.ACTS,
    **consents.ACTS,
    **casework.ACTS,
    **referring.ACTS,
    **office.ACTS,
}
