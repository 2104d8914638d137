"""What the application tells assistive technologies: its accessible objects, as a tree."""

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

States = Atspi.StateType

# What has another role, or another name of it, on newer systems than on older ones. At-spi2-core
# before 2.56 calls a button so; GTK 4.8 tells a switch as a check box (the applications have
# none), GTK 4.24 a group otherwise than any panel.
ROLES = {"push button": "button", "check box": "switch", "grouping": "panel"}


class Node:
    """One accessible object. Whatever is asked of it is asked of the application, now."""

    def __init__(self, accessible):
        self.accessible = accessible

    @property
    def role(self):
        """Its name, the same on all systems."""
        name = self.accessible.get_role_name()
        return ROLES.get(name, name)

    @property
    def name(self):
        return self.accessible.get_name() or ""

    def is_same(self, other):
        return self.accessible == other.accessible

    @property
    def called(self):
        """How a failed test calls it."""
        return f"{self.role} {self.name!r}"

    @property
    def text(self):
        """What an entry or a label holds."""
        if "Text" not in self.accessible.get_interfaces():
            return ""
        end = Atspi.Text.get_character_count(self.accessible)
        return Atspi.Text.get_text(self.accessible, 0, end)

    @property
    def value(self):
        """Of a slider or a progress bar."""
        return Atspi.Value.get_current_value(self.accessible)

    def has(self, *states):
        own = self.accessible.get_state_set()
        return all(own.contains(state) for state in states)

    @property
    def is_showing(self):
        """GTK 4.8 says that only of windows: what is hidden is not visible, or has no
        size. What a stack has shown before, and shows no longer, has."""
        return self.has(States.VISIBLE) and self.extents[2:] != (0, 0)

    @property
    def is_sensitive(self):
        return self.has(States.SENSITIVE)

    @property
    def is_focusable(self):
        return self.has(States.FOCUSABLE)

    @property
    def extents(self):
        """Where it is in its window: x, y, width, height, if it can be anywhere."""
        if "Component" not in self.accessible.get_interfaces():
            return None, None, None, None
        place = Atspi.Component.get_extents(self.accessible, Atspi.CoordType.WINDOW)
        return place.x, place.y, place.width, place.height

    @property
    def parent(self):
        parent = self.accessible.get_parent()
        return parent and Node(parent)

    @property
    def frame(self):
        """The window that it is in."""
        node = self
        while node.parent and node.parent.role != "application":
            node = node.parent
        return node

    def children(self):
        count = self.accessible.get_child_count()
        children = (self.accessible.get_child_at_index(i) for i in range(count))
        return [Node(child) for child in children if child]

    def walk(self):
        """Itself and all below it, in the order of the tree. What goes away while one
        walks is left out."""
        yield self
        try:
            children = self.children()
        except GLib.Error:
            return
        for child in children:
            yield from child.walk()

    def walk_showing(self):
        """As `walk`, without what the user does not see."""
        if self.role == "application" or self.is_showing:
            yield self
            for child in self.children():
                yield from child.walk_showing()

    def words(self):
        """All that it shows, in the order of the tree."""
        return "\n".join(f"{node.name}\n{node.text}" for node in self.walk_showing())

    def lines(self, depth=0):
        """What the tree shows, a line for each, as they come."""
        try:
            states = ["focused", "focusable", "sensitive", "checked", "selected"]
            has = [state for state in states if self.has(getattr(States, state.upper()))]
            yield "  " * depth + " ".join([self.role, repr(self.name), repr(self.text), *has])
            for child in self.children():
                yield from child.lines(depth + 1)
        except GLib.Error as error:
            yield "  " * depth + f"gone: {error.message}"


def applications():
    """All that are on the accessibility bus."""
    applications = Node(Atspi.get_desktop(0)).children()
    for application in applications:
        # What Atspi remembers would need a main loop to be kept up to date, but this
        # never changes.
        application.accessible.set_cache_mask(Atspi.Cache.INTERFACES | Atspi.Cache.ROLE)
    return applications
