"""The application, as its user has it: started, looked at, pressed and typed into."""

import os
import re
import subprocess
import tempfile
import time

from screen import capture, geometry, press, write, xdotool
from tree import GLib, States, applications

PROGRAM = os.environ["GALLERY_PROGRAM"]

# How long one thing may take that a test waits for, in seconds: many times what it does, for
# a machine that is busy. What has not come then does not come.
PATIENCE = int(os.environ.get("GALLERY_PATIENCE", "10"))

# What libraries say of themselves, of any program: GTK 4.24 as a popover opens on X11, and
# glycin, which reads pictures for GdkPixbuf 2.44, where it can't have a sandbox.
ITS_OWN = (
    r"\n?.*Gdk-WARNING.*: gdk_frame_timings_submitted\(\) called on submitted frame\.\n"
    r"|\n?WARNING: Glycin running without sandbox\..*\n"
)

# The pages in the order of the list: their titles, by their names.
PAGES = dict(
    line.split("\t")
    for line in subprocess.check_output([PROGRAM, "--list-pages"], text=True).splitlines()
)


def started(*arguments, **variables):
    """Has a test start the application with these."""

    def mark(test):
        test.start = lambda: Gallery(*arguments, **variables)
        return test

    return mark


class Gallery:
    """The application while it runs."""

    program = PROGRAM

    def __init__(self, *arguments, **variables):
        self.stderr = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [self.program, *arguments],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stderr=self.stderr,
        )
        self.root = None
        # The list of the pages, and they themselves, by their names.
        self.list = None
        self.pages = {}
        # Where things are looked for, unless one says it: the page that is open.
        self.page = None
        # What a test provokes on purpose: each must have been said, and nothing else.
        self.expected_complaints = []

    def __enter__(self):
        return self

    def begin(self):
        """Waits for its window, and for that to have the focus."""
        self.root = self.wait(self._find_itself, "the application on the accessibility bus")
        self.learn(self.wait(lambda: self.active_frame, "a window that has the focus"))

    def __exit__(self, *_error):
        self.process.kill()
        self.process.wait()

    def _find_itself(self):
        own = self.process.pid
        return next((a for a in applications() if a.accessible.get_process_id() == own), None)

    def learn(self, window):
        """Looks where its pages are, once: to walk through all of it takes a while."""
        self.list = self.find("list", "Pages", below=window)
        names = {title: name for name, title in PAGES.items()}
        panels = (node for node in window.walk() if node.role == "panel" and node.name in names)
        for panel in panels:
            self.pages.setdefault(names[panel.name], panel)

    # What it shows

    @property
    def frames(self):
        return [frame for frame in self.root.children() if frame.is_showing]

    @property
    def active_frame(self):
        return next((frame for frame in self.frames if frame.has(States.ACTIVE)), None)

    def find_all(self, role=None, name=None, below=None):
        """All that the user sees of this role, or of one of these, and with this in their
        name; or to whose name `name` says yes. One after the other, as they are found."""
        roles = (role,) if isinstance(role, str) else role
        is_named = name if callable(name) else lambda own: name is None or name in own
        for node in (below or self.page or self.root).walk_showing():
            if (roles is None or node.role in roles) and is_named(node.name):
                yield node

    def find(self, role=None, name=None, below=None, patience=PATIENCE):
        """The first of them; it is waited for."""

        def found():
            return next(self.find_all(role, name, below), None)

        def what():
            # A function's name is on the line that is told besides.
            called = f" that is called {name!r}" if isinstance(name, str) else ""
            return f"{role or 'anything'}{called}, in {(below or self.page or self.root).called}"

        return self.wait(found, what, patience)

    def wait(self, condition, what="what is waited for", patience=PATIENCE):
        """What `condition` returns when that is true. When that takes too long, it tells
        that `what`, or what that returns, has not come; the test's own line is told, too."""
        end = time.monotonic() + patience
        last = ""
        while time.monotonic() < end:
            try:
                if result := condition():
                    return result
            except (GLib.Error, subprocess.CalledProcessError) as error:
                # It asked something that has just gone away, or no window has the focus yet.
                last = f" ({error})"
            if self.root and self.process.poll() is not None:
                raise AssertionError(f"the application has ended with {self.process.returncode}")
            time.sleep(0.02)
        told = what() if callable(what) else what
        raise AssertionError(f"after {patience} s there is not yet: {told}{last}")

    def wait_for_toast(self, *words):
        """As `wait_for`, for what lies above the pages."""

        def found():
            toasts = self.overlay.children()[1:]
            return next((t for t in toasts if all(word in t.words() for word in words)), None)

        return self.wait(found, f"a toast with {words}")

    @property
    def overlay(self):
        """What the pages and the toast lie in."""
        return self.page.parent.parent

    def wait_for(self, *words, below=None, patience=PATIENCE):
        """Waits for something that shows all of these words, and returns it."""

        def found():
            named = self.find_all(name=lambda own: all(w in own for w in words), below=below)
            return next(named, None)

        return self.wait(found, f"something that shows {words}", patience)

    def wait_for_window(self, name):
        """Waits for the window of this name to have the focus."""

        def has_focus():
            return xdotool("getactivewindow", "getwindowname") == name

        self.wait(has_focus, f"the focus in the window {name!r}")

    # What the user does

    def open(self, name):
        """Opens the page by its key, and looks for everything there from now on."""
        # The tenth has the key after that of the ninth.
        self.press(f"alt+{(list(PAGES).index(name) + 1) % 10}")
        self.wait_for_page(name)

    def wait_for_page(self, name):
        """Waits for the list to say that this page is open, and for that to have a place."""
        # GTK 4.24 leaves out what is not shown: in a narrow window it tells no rows beside a
        # page, and nothing of the other pages anywhere.
        if rows := self.list.children():
            row = rows[list(PAGES).index(name)]
            self.wait(lambda: row.has(States.SELECTED), f"the row of the page {name!r}, selected")
        self.page = self.pages[name]
        self.find("scroll pane")

    def press(self, *keys):
        press(*keys)

    def type(self, text):
        write(text)

    def choose_folder(self, folder):
        """Chooses it in the dialog that asks for one, and waits for the page to show it."""
        self.wait_for_window("Choose a Folder")
        # A slash opens the dialog's entry. That completes what is typed when it has read a folder:
        # in GTK 4.24 what it has added may stay after the cursor, where all else is typed before it.
        self.type(folder)
        self.press("shift+End")
        self.press("Delete")
        self.press("Return")
        self.wait_for_window("Task Gallery")
        self.find("label", lambda name: name == str(folder))

    def click(self, node, across=0.5, patience=PATIENCE):
        """With the pointer, this far across it: a widget, or the button of this name."""
        if isinstance(node, str):
            node = self.find("button", node, patience=patience)
        self.reveal(node)
        x, y = self.place(node, across)
        xdotool("mousemove", x, y, "click", "1")

    def reveal(self, node):
        """Turns the wheel until it can be seen."""
        own = geometry()

        def is_in_sight():
            _, top, _, window_height = node.frame.extents
            _, y, _, height = node.extents
            if y >= top and y + height <= top + window_height:
                return True
            # Beside the page's rows: one that has a number would take it for itself.
            xdotool("mousemove", own["X"] + own["WIDTH"] - 20, own["Y"] + own["HEIGHT"] // 2)
            xdotool("click", "4" if y < top else "5")
            time.sleep(0.1)
            return False

        self.wait(is_in_sight, f"{node.called}, in sight")

    def set(self, spin_button, value):
        """Types this where its text is: its buttons are at its end."""
        self.click(spin_button, across=0.1)
        self.press("ctrl+a")
        self.type(value)
        self.press("Return")

    def narrow(self):
        """Makes the active window as wide as a telephone."""
        xdotool("getactivewindow", "windowsize", 370, 640)
        self.wait(lambda: self.active_frame.extents[2] < 400, "a narrow window")

    def choose(self, combo, place):
        """With the keyboard, the choice at this place, of one whose first is chosen now."""
        self.click(combo)
        self.press(*["Down"] * place, "Return")

    def place(self, node, across):
        """That point of it on the display. GTK 4.8 tells places within the window's content,
        around which is as much frame on one side as on the other; GTK 4.24 does so with the
        window's own place, too, and leaves out the padding of all that a widget lies in: its
        middle is some pixels farther down and right, but hardly ever out of it."""
        own = geometry()
        left, top, frame_width, frame_height = node.frame.extents
        x, y, width, height = node.extents
        assert width > 0 and height > 0, f"{node.name} has no size"
        x += own["X"] + (own["WIDTH"] - frame_width) // 2 - left + int(width * across)
        y += own["Y"] + (own["HEIGHT"] - frame_height) // 2 - top + height // 2
        return x, y

    def picture(self, name):
        """Leaves one of the active window in the folder of pictures, when what fades and
        slides there has come to rest."""
        xdotool("mousemove", 0, 0)
        time.sleep(1)
        capture(name, xdotool("getactivewindow"))

    # How it ends

    def close(self):
        """Closes the active window, as the window manager does for its user."""
        self.press("alt+F4")

    def quit(self):
        """Ends it, unless it has ended, and looks at how: well, and without a word on its
        standard error but those that a test has told of."""
        if self.process.poll() is None:
            self.press("ctrl+q")
        self.wait_for_its_end()
        said = re.sub(ITS_OWN, "", self.complaints())
        for expected in self.expected_complaints:
            assert re.search(expected, said), f"{expected!r} was not said, but: {said}"
            said = re.sub(f".*{expected}.*\n", "", said)
        assert not said.strip(), f"it has complained:\n{said}"

    def wait_for_its_end(self):
        """Waits for it to have ended well."""
        ended = self.process.wait(PATIENCE)
        assert ended == 0, f"it has ended with {ended}"

    def wait_for_complaint(self, pattern):
        """Waits for it to say this on its standard error, which it may."""
        self.expected_complaints.append(pattern)

        def said():
            return re.search(pattern, self.complaints())

        self.wait(said, f"{pattern!r} on its standard error")

    def complaints(self):
        """What it has written on its standard error."""
        self.stderr.seek(0)
        return self.stderr.read()
