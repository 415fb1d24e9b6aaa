"""The few lines that run at a safe point of the training's main thread: they start a thread and are done. FOLDER and PACKAGE are put in by whoever attaches."""

import _thread


def _begin():
    folder, package = "@FOLDER@", "@PACKAGE@"
    try:
        import importlib
        import importlib.util
        import sys

        # Under a name of its own and not by the path: the process may have this package itself.
        place = folder + "/trainmon"
        spec = importlib.util.spec_from_file_location(package, place + "/__init__.py", submodule_search_locations=[place])
        sys.modules[package] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[package])
        importlib.import_module(package + "._attach.inside").attach(folder)
    except BaseException as error:  # nobody above would know what to do with it
        try:
            with open(folder + "/status-boot.jsonl", "a") as file:
                file.write('{"state": "fault", "error": %s}\n' % __import__("json").dumps(repr(error)))
        except Exception:
            pass


_thread.start_new_thread(_begin, ())
