# SPDX-License-Identifier: MIT OR Apache-2.0
"""asyncio on GLib's loop, where one coroutine never rests: asyncio_glib.py bounded|unbounded."""

import asyncio
import ctypes
import os
import sys

import gi
from gi.events import GLibEventLoopPolicy

told = ctypes.CDLL(os.environ["TOLD_LIBRARY"])


async def never_rest():
    while True:
        told.told_turn()
        await asyncio.sleep(0)


def main():
    policy = GLibEventLoopPolicy()
    asyncio.set_event_loop_policy(policy)
    name = f"PyGObject {gi.__version__}: `asyncio.sleep(0)` in a loop"
    told.told_begin(name.encode(), sys.argv[1] == "bounded")
    policy.get_event_loop().run_until_complete(never_rest())


main()
