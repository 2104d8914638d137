"""What can have the focus has a name, for those who can't see it."""

import re

from gallery import PAGES

# They hold what has the focus, and never have it themselves; a table's row is what GTK makes
# of its head.
CONTAINERS = ["scroll pane", "list", "table row"]


def each_widget_has_a_name(gallery):
    nameless = []
    for page in PAGES:
        gallery.open(page)
        nameless += [f"{page}: {path}" for path in _nameless(gallery.page)]
    nameless += [f"window: {path}" for path in _nameless(gallery.list)]
    assert not nameless, "\n".join(nameless)


def _nameless(node, path=""):
    path += f"/{node.role} {node.name!r}"
    # Where there is no name, GTK tells that of the type.
    is_named = node.name and not re.match("(Gtk|Adw|Gallery)[A-Z]", node.name)
    if node.is_focusable and node.role not in CONTAINERS and not is_named and node.is_showing:
        yield path
    # What a combo box offers is named when it is open.
    for child in node.children() if node.role != "combo box" else []:
        yield from _nameless(child, path)
