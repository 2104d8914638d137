"""The page "Thumbnails of a Folder": a limit, an order, and an end of all at once."""

import os
import re
import shutil

from screen import PICTURES, xdotool

FOLDER = PICTURES / "pictures"
SAMPLES = 40


def all_thumbnails_come(gallery):
    gallery.open("thumbnails")
    gallery.click("Show")
    gallery.wait_for(f"All {SAMPLES} are there", patience=60)
    gallery.find("label", lambda name: name == "01.png")


def no_more_are_at_work_than_there_are_processors(gallery):
    status = _start_slowly(gallery)
    processors = len(os.sched_getaffinity(0))
    gallery.wait(lambda: _at_work(status) == processors, f"{processors} at work")
    at_work = [_at_work(status) for _ in range(20)]
    assert max(at_work) == processors, at_work
    _stop(gallery)


def those_come_first_that_are_in_sight(gallery):
    status = _start_slowly(gallery)
    first = gallery.find("label", lambda name: name == "01.png")
    # To the end of the list.
    gallery.click(first)
    gallery.press("End")
    last = gallery.find("table cell", f"{SAMPLES}.png", below=gallery.find("table", "Thumbnails"))
    gallery.wait(lambda: _is_shown(last), "the last thumbnail", patience=30)
    shown = int(re.search("[0-9]+", status.name)[0])
    print(f"# {shown} came before the last one", flush=True)
    # In the order of the folder it would be all.
    assert shown < SAMPLES - 4, status.name
    _stop(gallery)


def it_is_stopped_and_started_again(gallery):
    _start_slowly(gallery)
    _stop(gallery)
    gallery.click(gallery.find("switch", "One Second"))
    gallery.click("Show")
    gallery.wait_for(f"All {SAMPLES} are there", patience=60)


def what_is_no_picture_is_told(gallery):
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    (FOLDER / "broken.png").write_bytes(b"no picture")
    (FOLDER / "other.txt").write_bytes(b"not even by its name")
    gallery.open("thumbnails")
    gallery.click("Folder")
    gallery.choose_folder(FOLDER)
    gallery.click("Show")
    gallery.wait_for("0 of 1 are there, one can't be read")
    gallery.wait_for_toast("0 of 1 are there, one can't be read")


def another_page_is_opened_meanwhile(gallery):
    status = _start_slowly(gallery)
    before = status.name
    gallery.open("lookup")
    gallery.open("thumbnails")
    gallery.wait(lambda: status.name != before, "more thumbnails")
    _stop(gallery)


def the_window_is_closed_meanwhile(gallery):
    _start_slowly(gallery)
    gallery.close()
    gallery.wait_for_its_end()


def closing_a_window_ends_its_tasks(gallery):
    gallery.open("tasks")
    gallery.click(gallery.find("switch", "Watch Tasks"))
    table = gallery.page
    first, its_window = gallery.active_frame, xdotool("getactivewindow")
    gallery.press("ctrl+n")
    gallery.wait(lambda: len(gallery.frames) == 2, "a second window")
    gallery.wait(lambda: xdotool("getactivewindow") != its_window, "the focus in it")
    second = next(frame for frame in gallery.frames if not frame.is_same(first))
    gallery.pages = {}
    gallery.learn(second)
    _start_slowly(gallery)
    gallery.wait_for("thumbnail", below=table)
    gallery.close()
    gallery.wait(lambda: len(gallery.frames) == 1, "the end of the second window")
    # Else they would take twenty seconds.
    gallery.find("label", "No task", below=table, patience=5)


def _start_slowly(gallery):
    """Starts it with a second for each, and returns what tells how far it has got."""
    gallery.open("thumbnails")
    gallery.click(gallery.find("switch", "One Second"))
    gallery.click("Show")
    return gallery.wait_for(f"of {SAMPLES}", "at work")


def _stop(gallery):
    gallery.click("Stop")
    gallery.wait_for("Stopped at", f"of {SAMPLES}")


def _at_work(status):
    return int(re.search("([0-9]+) at work", status.name)[1])


def _is_shown(thumbnail):
    return any(node.name == "Thumbnail" for node in thumbnail.walk_showing())
