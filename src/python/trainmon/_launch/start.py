"""Begins in a program that `trainmon run` started, and in each Python process that it starts itself. Costs an import hook where no torch is imported, and nothing is
sent by a process in which no optimizer steps (a launcher, a data loader's worker)."""

import json
import os
import sys

from .._attach.inside import HELD
from .._attach.status import Status
from .waiting import Waiting

# Names the folder with the configuration; set by `trainmon run`, passed on to children.
VARIABLE = "TRAINMON_RUN_FOLDER"


def start():
    """Called by sitecustomize; never raises."""
    folder = os.environ.get(VARIABLE)
    if not folder or os.environ.get("TRAINMON_MODE", "").lower() == "disabled":
        return
    status = Status(folder)
    try:
        with open(os.path.join(folder, "configuration.json"), encoding="utf-8") as file:
            configuration = json.load(file)
        # The data loader's module is the later of the two that are patched.
        Waiting("torch.utils.data.dataloader", lambda: _begin(configuration, status))
    except Exception as error:
        status("fault", error=f"{type(error).__name__}: {error}")


def _begin(configuration, status):
    try:
        if "torch.optim.optimizer" in sys.modules:
            _attach(configuration, status)
        else:
            Waiting("torch.optim.optimizer", lambda: _begin(configuration, status))
    except Exception as error:
        status("fault", error=f"{type(error).__name__}: {error}")


def _attach(configuration, status):
    from .._attach.attachment import Attachment

    if getattr(sys, HELD, None) is None:
        attachment = Attachment(configuration, status)
        setattr(sys, HELD, attachment)
        attachment.begin(look=False)
