"""Where the payload begins, on a thread of its own inside the training process."""

import json
import os
import sys

from .attachment import Attachment
from .status import Status

# What holds the one attachment of a process. Not in this package: a later payload is another copy of it.
HELD = "_trainmon_attachment"


def attach(folder):
    """Watches the training of this process. `folder` has the configuration."""
    status = Status(folder)
    try:
        with open(os.path.join(folder, "configuration.json"), encoding="utf-8") as file:
            configuration = json.load(file)
        status("inside", python=sys.version.split()[0], torch=_version("torch"))
        held = getattr(sys, HELD, None)
        if held is not None and held.is_on:
            status("refused", reason="this process is watched already")
            return
        if "torch.optim.optimizer" not in sys.modules:
            status("refused", reason="torch is not imported in this process")
            return
        _everything()
        attachment = Attachment(configuration, status)
        setattr(sys, HELD, attachment)
        attachment.begin(look=True)
    except Exception as error:
        status("fault", error=f"{type(error).__name__}: {error}")


def _version(name):
    return str(getattr(sys.modules.get(name), "__version__", "")) or None


def _everything():
    # All of the package is loaded now, on this thread: later its folder may be gone, and a step must not wait for a disk.
    from .. import _monitor, _sender, _settings  # noqa: F401
    from .._relay import transport  # noqa: F401
    from .._torch import hooks, scalers, session  # noqa: F401
