"""The sign-in form."""

from flask_babel import lazy_gettext as _l

from casemgr.web.fields import Password, Text
from casemgr.web.forms import BaseForm
from casemgr.web.validators import AtMost


class SignInForm(BaseForm):
    """Name and password. Says only that something is missing, never whether a name exists."""

    username = Text(
        _l("User name"),
        required=True,
        most=60,
        look={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = Password(
        _l("Password"),
        required=True,
        validators=(AtMost(200),),
        look={"autocomplete": "current-password"},
    )
