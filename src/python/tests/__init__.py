"""No test leaves frames of its runs with the user who runs it."""

import atexit
import os
import shutil
import tempfile

if "TRAINMON_SPILL" not in os.environ:
    os.environ["TRAINMON_SPILL"] = tempfile.mkdtemp(prefix="trainmon-spill-")
    atexit.register(shutil.rmtree, os.environ["TRAINMON_SPILL"], ignore_errors=True)
