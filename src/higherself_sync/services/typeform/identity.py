"""Whether the token is still one of the account that it was (ENGINE 17).

No list of Typeform's says whose it is, and tokens are renewed. But a form is one account's alone, and so is the
workspace that it lies in, which every form tells that is read. While a form is there that was read before, it is the
same account; where none is left, as after somebody made all of them anew, new ones lie in a workspace that is known. So
nothing is asked unless all forms are new, and nothing of another account is taken in.
"""

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING

from higherself_sync.errors import ConfigError

if TYPE_CHECKING:
    from higherself_sync.services.typeform.account import Account

LOOKED_AT = 5  # of the new forms, the newest first


def check_owner(account: "Account", forms: Collection[str]) -> None:
    """`forms`: all that there are now. Raises ConfigError where they are another account's, else as `Account.ask`."""
    known = account.known()
    if not known or not forms or any(each in forms for each in known):
        return
    homes = {account.workspace(each) for each in known} - {""}
    found = {account.asked(each).workspace for each in islice(forms, LOOKED_AT)} if homes else {""}
    if "" not in found and homes.isdisjoint(found):
        raise ConfigError(
            "another account answers: none of its forms was there before, nor the workspace that they lie in",
            place=account.place,
            remedy="put the former account's token back, or give this one a name of its own under [services]; "
            "if it is the same account, begun anew, run once with --rebuild",
        )
