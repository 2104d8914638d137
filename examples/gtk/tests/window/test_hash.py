"""The page "Hash a Folder": progress, a result, and two ways to end it early."""

import hashlib

from gallery import started
from screen import PICTURES

FOLDER = PICTURES / "folder"
# So large that nobody waits for it; but it is a hole, and takes no room.
HOLE = PICTURES / "hole"


def make_folders():
    """What the digest of the first one is."""
    (FOLDER / "below").mkdir(parents=True, exist_ok=True)
    HOLE.mkdir(exist_ok=True)
    with open(HOLE / "hole", "wb") as hole:
        hole.truncate(1 << 40)
    digest = hashlib.sha256()
    for name, content in [("a", b"one"), ("below/b", b"two" * 100_000), ("c", b"")]:
        (FOLDER / name).write_bytes(content)
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


DIGEST = make_folders()


@started(HOME=str(FOLDER))
def a_folder_is_hashed(gallery):
    gallery.open("hash")
    gallery.click("Hash")
    gallery.wait_for("All files are hashed")
    gallery.wait_for(DIGEST)
    shown = gallery.page.words()
    assert "3" in shown.split("\n"), shown
    assert "300.0 kB of 300.0 kB" in shown.replace("\u00a0", " "), shown


def a_folder_is_chosen(gallery):
    gallery.open("hash")
    # Libadwaita calls it as it does the row; 1.2 says besides what it shows.
    gallery.click("Folder")
    gallery.choose_folder(FOLDER)


@started(HOME=str(HOLE))
def it_is_cancelled(gallery):
    gallery.open("hash")
    gallery.click("Hash")
    gallery.wait_for("Hashing…")
    bar = gallery.find("progress bar")
    gallery.wait(lambda: bar.value > 0)
    gallery.click("Cancel")
    gallery.wait_for("Cancelled before the end")


@started(HOME=str(HOLE))
def its_time_is_over(gallery):
    gallery.open("hash")
    gallery.set(gallery.find("spin button"), 1)
    gallery.click("Hash")
    gallery.wait_for("The time was over before the end")
    gallery.wait_for_toast("The time was over before the end")


@started(HOME=str(HOLE))
def the_window_is_closed_meanwhile(gallery):
    gallery.open("hash")
    gallery.click("Hash")
    gallery.wait_for("Hashing…")
    gallery.close()
    assert gallery.process.wait() == 0
