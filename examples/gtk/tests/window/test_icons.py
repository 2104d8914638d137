"""Every icon that the applications name is in the theme of this system, or they bring it."""

import json
import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[3]
SOURCES = ["gtk/src", "gtk/data", "gtk/examples", "c/gtk"]

# GTK itself is asked, in a process of its own: it and Atspi would share their connections.
LOOKUP = """
import json, sys
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gtk
assert Gtk.init_check()
theme = Gtk.IconTheme()
theme.set_theme_name("Adwaita")
print(json.dumps([name for name in sys.argv[1:] if not theme.has_icon(name)]))
"""


def each_icon_is_there(gallery):
    names = _named()
    # Whatever is done to the way in which they are found.
    assert "go-previous-symbolic" in names and "dialog-error-symbolic" in names, names
    lookup = [sys.executable, "-c", LOOKUP, *names - _brought()]
    unknown = json.loads(subprocess.check_output(lookup, text=True))
    assert not unknown, f"the theme lacks {unknown}"


def what_is_in_no_theme_is_missed(gallery):
    lookup = [sys.executable, "-c", LOOKUP, "in-no-theme-symbolic", "go-previous-symbolic"]
    unknown = json.loads(subprocess.check_output(lookup, text=True))
    assert unknown == ["in-no-theme-symbolic"], unknown


def _named():
    """The names of all icons in the sources and templates."""
    files = (file for source in SOURCES for file in (EXAMPLES / source).rglob("*"))
    texts = (file.read_text() for file in files if file.suffix in (".rs", ".ui", ".c"))
    return {name for text in texts for name in re.findall(r"[\w.-]+-symbolic\b", text)}


def _brought():
    """Those among the resources."""
    listed = (EXAMPLES / "gtk/data/gallery.gresource.xml").read_text()
    return {Path(path).stem for path in re.findall(r"icons/[^<]+", listed)}
