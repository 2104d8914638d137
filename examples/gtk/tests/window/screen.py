"""The display of the tests: its keys, its pointer, and pictures of it."""

import os
import subprocess
from pathlib import Path

PICTURES = Path(os.environ["GALLERY_PICTURES"])

# Keys that xdotool does not press alone, but with Alt, where the keyboard's layout is of
# xkeyboard-config 2.48: by the code that Xvfb has for them.
KEYCODES = {"F10": 76}


def press(*keys):
    """One after the other."""
    xdotool("key", "--clearmodifiers", *(KEYCODES.get(key, key) for key in keys))


def write(text):
    """Its keys, in the window that has the focus."""
    xdotool("type", "--clearmodifiers", "--delay", 5, text)


def xdotool(*words):
    command = ["xdotool", *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def geometry():
    """X, Y, WIDTH and HEIGHT of the active window."""
    lines = xdotool("getactivewindow", "getwindowgeometry", "--shell").splitlines()
    pairs = (line.split("=") for line in lines)
    return {name: int(value) for name, value in pairs}


def capture(name, window="root"):
    """Leaves a picture of `window`."""
    picture = PICTURES / f"{name}.png"
    subprocess.run(["import", "-window", window, picture], check=True)
    return picture
