"""Methods of torch's own classes, replaced while the monitor is there. A patch that somebody has patched again stays, and then only passes on."""


class Patch:
    """One attribute of a class. `make(original)` gives the new function."""

    def __init__(self, owner, name, make):
        self._owner, self._name = owner, name
        self._own = name in vars(owner)
        self._original = getattr(owner, name)
        self._new = make(self._original)
        setattr(owner, name, self._new)

    def remove(self):
        """Puts back what was there."""
        if vars(self._owner).get(self._name) is not self._new:
            return
        if self._own:
            setattr(self._owner, self._name, self._original)
        else:
            delattr(self._owner, self._name)
