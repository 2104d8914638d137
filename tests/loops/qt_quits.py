# SPDX-License-Identifier: MIT OR Apache-2.0
"""A Qt application that quits while workers run Python's code: qt_quits.py pool|dedicated.

Python (up to 3.13) ends each thread by `pthread_exit` that asks for its lock while the
interpreter ends. That is the end of those threads, and of nothing else: the exit code is 0.
"""

import ctypes
import os
import sys
import threading

from PyQt6.QtCore import QCoreApplication, QTimer

WORKERS = 4

library = ctypes.CDLL(os.environ["TOLD_LIBRARY"])
Func = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
library.qio_task_new.restype = ctypes.c_void_p
library.qio_task_new.argtypes = [ctypes.c_void_p, Func, ctypes.c_void_p, ctypes.c_void_p]
library.qio_task_set_dedicated_thread.argtypes = [ctypes.c_void_p, ctypes.c_int]
library.qio_task_run_in_thread.argtypes = [
    ctypes.c_void_p, Func, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
]

running = threading.Semaphore(0)


@Func
def compute(_task, _opaque):
    running.release()
    while True:
        sum(range(100))


@Func
def never_told(_task, _opaque):
    os._exit(1)


def quit_while_they_run():
    for _ in range(WORKERS):
        running.acquire()
    # The harness counts it only if the process then ends well.
    print("1..1\nok 1 /loops/qt-quits", flush=True)
    QCoreApplication.quit()


def main():
    application = QCoreApplication(sys.argv[:1])
    for _ in range(WORKERS):
        task = library.qio_task_new(None, never_told, None, None)
        library.qio_task_set_dedicated_thread(task, sys.argv[1] == "dedicated")
        library.qio_task_run_in_thread(task, compute, None, None, None)
    QTimer.singleShot(0, quit_while_they_run)
    return application.exec()


sys.exit(main())
