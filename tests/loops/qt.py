# SPDX-License-Identifier: MIT OR Apache-2.0
"""A Qt application whose loop, GLib's, never rests: qt.py BINDING CASE bounded|unbounded."""

import ctypes
import importlib
import os
import sys
import time

binding, case, mode = sys.argv[1:]
QtCore = importlib.import_module(f"{binding}.QtCore")
QtWidgets = importlib.import_module(f"{binding}.QtWidgets")
told = ctypes.CDLL(os.environ["TOLD_LIBRARY"])


def zero_timer(window):
    """A timer of 0 ms: what Qt's documentation has for work in small pieces."""
    timer = QtCore.QTimer(window)
    timer.timeout.connect(told.told_turn)
    timer.start(0)


def overrun(window):
    """A timer whose slot takes longer than its interval."""

    def slot():
        time.sleep(0.020)
        told.told_turn()

    timer = QtCore.QTimer(window)
    timer.timeout.connect(slot)
    timer.start(10)


class Poster(QtCore.QObject):
    """Posts itself the next event from the handler of the one before."""

    kind = QtCore.QEvent.Type(QtCore.QEvent.registerEventType())

    def post(self):
        QtCore.QCoreApplication.postEvent(self, QtCore.QEvent(self.kind))

    def customEvent(self, event):
        told.told_turn()
        self.post()


def posted_event(window):
    """An event that posts itself."""
    Poster(window).post()


def readable_socket(window):
    """A socket that is always readable."""
    reader, writer = os.pipe()
    os.write(writer, b"never read")
    notifier = QtCore.QSocketNotifier(reader, QtCore.QSocketNotifier.Type.Read, window)
    notifier.activated.connect(lambda *_: told.told_turn())


CASES = {
    "zero-timer": ("timer of 0 ms", zero_timer),
    "overrun": ("slot of 20 ms, timer of 10", overrun),
    "posted-event": ("event that posts itself", posted_event),
    "readable-socket": ("socket that is always readable", readable_socket),
}


def main():
    application = QtWidgets.QApplication(sys.argv[:1])
    # Qt's own dispatcher would not run a task at all.
    dispatcher = QtCore.QAbstractEventDispatcher.instance()
    kind = dispatcher.metaObject().className()
    if "Glib" not in kind:
        sys.exit(f"Qt's dispatcher is {kind}, not GLib's")
    window = QtWidgets.QMainWindow()
    window.show()
    words, begin = CASES[case]
    begin(window)
    release = getattr(importlib.import_module(binding), "__version__", None) or QtCore.PYQT_VERSION_STR
    name = f"{binding} {release}, Qt {QtCore.qVersion()}: {words}"
    print(f"# {kind}", flush=True)
    told.told_begin(name.encode(), mode == "bounded")
    application.exec()


main()
