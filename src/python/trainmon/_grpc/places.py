"""Where spills lie: ROOT/[hash of the run id]/[start of the process]-[client start id]-r[rank], as the .NET client's."""

import hashlib
import os

from .spill import SpillStore


def own(root, identity):
    """Folder of this process."""
    return os.path.join(_of_run(root, identity.run_id), f"{identity.time_unix_ns:019d}-{identity.client_start_id[:12]}-r{identity.rank}")


def left_behind(root, identity):
    """Folders that earlier processes of the run left for this rank, oldest first. Rank 0 also takes those of ranks that the run no longer has."""
    folder, mine = _of_run(root, identity.run_id), own(root, identity)
    return [path for path in _processes(folder) if path != mine and (rank_of(path) == identity.rank or (identity.rank == 0 and rank_of(path) >= max(identity.world_size, 1)))]


def every(root):
    """Folders of all processes below ROOT, a run's folder, or a process's own; oldest first in each run."""
    if os.path.exists(os.path.join(root, "hello")):
        return [root]
    return _processes(root) + [path for name in _names(root) for path in _processes(os.path.join(root, name))]


def clear_old(root, most_bytes):
    """Deletes what nobody has fetched, oldest first, until the rest is no more than that. Gives how many folders went."""
    left = sorted(every(root), key=os.path.basename)
    sizes = {path: sum(_size(os.path.join(path, name)) for name in _names(path)) for path in left}
    total, gone = sum(sizes.values()), 0
    for path in left:
        if total <= most_bytes:
            break
        try:
            store = SpillStore.open(path)
        except (OSError, ValueError):
            continue
        if store is not None:  # else a process still holds it
            store.close()
            remove_empty(os.path.dirname(path))
            total, gone = total - sizes[path], gone + 1
    return gone


def remove_empty(folder):
    """A run's folder that holds nothing any more."""
    try:
        os.rmdir(folder)
    except OSError:
        pass


def rank_of(path):
    """From the folder's name; -1 where it says none."""
    _, mark, rank = os.path.basename(path).rpartition("-r")
    return int(rank) if mark and rank.isdecimal() else -1


def _processes(folder):
    return [os.path.join(folder, name) for name in sorted(_names(folder)) if rank_of(name) >= 0]


def _of_run(root, run_id):
    # A run id may be any Unicode; a file name may not.
    return os.path.join(root, hashlib.sha256(run_id.encode("utf-8")).digest()[:12].hex())


def _names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _size(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
