"""The page "Stream a Log": no line is lost, none comes after the end."""

NONE = "None missing, none after the end"
# More than anybody waits for.
ENDLESS = 1_000_000_000


def all_lines_come(gallery):
    gallery.open("log")
    gallery.click("Start")
    gallery.wait_for("All 2,000,000 lines came", patience=240)
    gallery.wait_for(NONE)
    gallery.wait_for("A line of 2000000", below=gallery.find("list", "The last lines"))
    gallery.find("label", lambda name: name.startswith("  2000000  A line"))


def it_is_stopped_and_started_again(gallery):
    stop = _start(gallery)
    gallery.click(stop)
    gallery.wait_for("Stopped after")
    gallery.wait_for(NONE)
    gallery.set(gallery.find("spin button"), 1000)
    gallery.click("Start")
    gallery.wait_for("All 1,000 lines came")
    gallery.wait_for(NONE)


def another_page_is_opened_meanwhile(gallery):
    stop = _start(gallery)
    before = gallery.wait_for("lines so far").name
    gallery.open("lookup")
    gallery.open("log")
    gallery.wait(lambda: gallery.wait_for("lines so far").name != before, "more lines")
    gallery.click(stop)
    gallery.wait_for("Stopped after")
    gallery.wait_for(NONE)


def the_window_is_closed_meanwhile(gallery):
    _start(gallery)
    gallery.close()
    gallery.wait_for_its_end()


def _start(gallery):
    """Starts a log without an end, and returns what stops it."""
    gallery.open("log")
    gallery.set(gallery.find("spin button"), ENDLESS)
    gallery.click("Start")
    stop = gallery.find("button", "Stop")
    gallery.wait_for("lines so far")
    return stop
