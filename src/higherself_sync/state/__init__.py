"""What hsn remembers between runs: one SQLite file in WAL mode, and the lock that lets one run at a time use it.

`pages` and `records` mirror what was last read of each side, `links` holds who belongs to whom with the base of each
field, so the work to do is always `mirror != base`, whatever a run was able to do (ENGINE 2). `journal` holds intents
that have no answer yet; `problems` what waits for a person, and what must not be tried again.
"""

from higherself_sync.state.history import History
from higherself_sync.state.lock import RunLock, lock_holder
from higherself_sync.state.mirrors import Mirrors
from higherself_sync.state.values import Intent, Mirror, Problem, Topic, moment, stamp


class State(Mirrors, History):
    """All reading and writing of the file. Use it from one thread. `:memory:` is a state that is forgotten."""


__all__ = ["Intent", "Mirror", "Problem", "RunLock", "State", "Topic", "lock_holder", "moment", "stamp"]
