"""The example in relm4 (examples/gtk/examples/relm4.rs): what a task tells its component."""

from other import started


def count_up_to(gallery, limit):
    gallery.press("alt+t", "ctrl+a")
    gallery.type(limit)
    gallery.press("Return", "alt+c")


@started("RELM4_PROGRAM")
def it_counts(gallery):
    count_up_to(gallery, "1000")
    gallery.wait_for("There are 168 primes up to 1000")
    bar = gallery.find("progress bar")
    assert bar.value == 1
    gallery.picture("relm4")
    gallery.close()


@started("RELM4_PROGRAM")
def it_shows_progress_and_is_cancelled(gallery):
    count_up_to(gallery, "2000000000")
    bar = gallery.find("progress bar")
    gallery.wait(lambda: 0 < bar.value < 1)
    assert not gallery.find("button", "Count").is_sensitive
    gallery.press("alt+a")
    gallery.wait_for("the operation was cancelled")
    assert gallery.find("button", "Count").is_sensitive
    gallery.close()


@started("RELM4_PROGRAM")
def its_window_is_closed_while_it_counts(gallery):
    count_up_to(gallery, "2000000000")
    bar = gallery.find("progress bar")
    gallery.wait(lambda: bar.value > 0)
    gallery.close()
    gallery.wait_for_its_end()
