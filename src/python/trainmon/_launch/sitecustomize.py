"""First on the path of a program that `trainmon run` started: starts the monitor, then does what the user's own sitecustomize does."""


def _start():
    import importlib.util
    import os
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    # The folder has done its work: the program's own path is as it would be without.
    sys.path[:] = [entry for entry in sys.path if not entry or os.path.abspath(entry) != here]
    try:
        package, place = "_trainmon_inside", os.path.join(os.path.dirname(here), "trainmon")
        spec = importlib.util.spec_from_file_location(package, os.path.join(place, "__init__.py"), submodule_search_locations=[place])
        sys.modules[package] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[package])
        importlib.import_module(package + "._launch.start").start()
    except Exception as error:
        print(f"training monitor: it could not start ({type(error).__name__}: {error}); the program goes on", file=sys.stderr)
    # The user's own, which this file was found before.
    sys.modules.pop("sitecustomize", None)
    try:
        importlib.import_module("sitecustomize")
    except ModuleNotFoundError as error:
        if error.name != "sitecustomize":
            raise


_start()
