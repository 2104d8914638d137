"""Pictures of each page as one sees it in use, in both schemes and in a narrow window: nothing
is asserted but that there is nothing to complain of."""

from gallery import PAGES, started
from test_flood import OURS, THEIRS, flood


@started("--light")
def light_pictures_are_taken(gallery):
    _take_all(gallery, "light")


@started("--dark")
def dark_pictures_are_taken(gallery):
    _take_all(gallery, "dark")


@started("--light")
def narrow_pictures_are_taken(gallery):
    gallery.narrow()
    _take_all(gallery, "narrow")


def _take_all(gallery, scheme):
    # The toasts of one page would lie on those after it.
    for page in sorted(PAGES, key=lambda page: page == "failures"):
        gallery.open(page)
        leave = SCENES[page](gallery)
        gallery.picture(f"{page}-{scheme}")
        if leave:
            leave()


def _lookup(gallery):
    gallery.click("Look Up")
    gallery.wait_for("localhost has")


def _hash(gallery):
    gallery.click("Hash")
    gallery.wait_for("All files are hashed")


def _handshake(gallery):
    gallery.click("Shake Hands")
    gallery.wait_for("The connection is secure")


def _flood(gallery):
    flood(gallery, OURS, THEIRS)
    gallery.reveal(gallery.find("panel", "Frames over 34 ms with qio-task"))


def _failures(gallery):
    ways = {"Open List": "Failed", "Print List": "Abandoned", "Fetch List": "TimedOut"}
    for button, variant in ways.items():
        gallery.click(button)
        gallery.find("label", lambda name: name == variant)


def _awaited(gallery):
    gallery.click("Read a File")
    gallery.wait_for("bytes in")


def _tasks(gallery):
    watch = gallery.find("switch", "Watch Tasks")
    gallery.click(watch)
    gallery.click("Hang")
    gallery.wait_for("hang", below=gallery.find("tree table"))
    # On a machine that is busy, callbacks of the page after it would be warned of.
    return lambda: gallery.click(watch)


def _search(gallery):
    gallery.press("alt+w")
    gallery.type("forty two")
    gallery.wait_for("numbers are like “forty two”", patience=60)


def _log(gallery):
    gallery.click("Start")
    gallery.wait_for("All 2,000,000 lines came", patience=240)


def _thumbnails(gallery):
    gallery.click("Show")
    gallery.wait_for("All 40 are there", patience=60)


SCENES = {
    "lookup": _lookup,
    "hash": _hash,
    "handshake": _handshake,
    "flood": _flood,
    "failures": _failures,
    "awaited": _awaited,
    "search": _search,
    "log": _log,
    "thumbnails": _thumbnails,
    "tasks": _tasks,
}
