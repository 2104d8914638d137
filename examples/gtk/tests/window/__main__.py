"""Runs the tests of the files that are named, or of all, and tells how each has ended, in
the Test Anything Protocol. Each gets an application of its own."""

import faulthandler
import importlib
import inspect
import signal
import sys
import traceback
from pathlib import Path

from gallery import PATIENCE, Gallery
from screen import PICTURES, capture

# How long a whole test may take, in seconds. What it waits for has an end of its own: this is
# for a call that blocks.
LIMIT = 36 * PATIENCE


class Hang(Exception):
    """A test has not ended within its time."""


def main(names):
    for left in PICTURES.glob("failed-*.png"):
        left.unlink()
    tests = [test for name in names or files() for test in tests_of(name)]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        title = f"{test.__module__.removeprefix('test_')}: {test.__name__.replace('_', ' ')}"
        why = attempt(test)
        print(f"{'not ok' if why else 'ok'} {number} {title}", flush=True)
        for line in (why or "").splitlines():
            print(f"# {line}", flush=True)
        failed += bool(why)
    return 1 if failed else 0


def files():
    tests = Path(__file__).parent.glob("test_*.py")
    return sorted(test.stem.removeprefix("test_") for test in tests)


def tests_of(name):
    """The functions of the file that take the application, as it has them, without those
    that only help."""
    module = importlib.import_module(f"test_{name}")
    functions = inspect.getmembers(module, inspect.isfunction)
    own = [f for name, f in functions if f.__module__ == module.__name__ and name[0] != "_"]
    tests = [f for f in own if list(inspect.signature(f).parameters) == ["gallery"]]
    return sorted(tests, key=lambda test: test.__code__.co_firstlineno)


def attempt(test):
    """Why it has failed, if it has."""
    signal.alarm(LIMIT)
    # Should even the alarm not be heard, in some call that blocks.
    faulthandler.dump_traceback_later(2 * LIMIT, exit=True)
    try:
        gallery = getattr(test, "start", Gallery)()
    except Exception as error:
        return told(error)
    with gallery:
        try:
            gallery.begin()
            test(gallery)
            gallery.quit()
            return None
        except Exception as error:
            return f"{told(error)}\n{show(gallery, test.__name__)}"
        finally:
            signal.alarm(0)
            faulthandler.cancel_dump_traceback_later()


def told(error):
    """What has gone wrong, and where in the tests: not where it walked in the tree."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{frame.name} at {Path(frame.filename).name}:{frame.lineno}: {frame.line}"
        for frame in frames
    ]
    places = [place for place in places if " at tree.py" not in place]
    return "\n".join([f"{type(error).__name__}: {error}", *places])


def show(gallery, name):
    """How the application looks that has failed, and what it says."""
    signal.alarm(LIMIT // 2)
    lines = [gallery.complaints()]
    try:
        capture(f"failed-{name}")
        if shown := gallery.page or gallery.root:
            lines += shown.lines()
    except Exception as error:
        lines.append(f"and no more: {error}")
    return "\n".join(lines)


def hang(_signal, _frame):
    raise Hang(f"not done after {LIMIT} s")


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, hang)
    sys.exit(main(sys.argv[1:]))
