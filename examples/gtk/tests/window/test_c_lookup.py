"""The lookup page in C (examples/c/gtk): a window of its own, on the C library."""

from other import started
from tree import States

# No name server is asked about either.
HERE = "127.0.0.1"
NOWHERE = "a..b"


def look_up(lookup, host):
    """By the keyboard alone."""
    lookup.press("alt+h", "ctrl+a")
    lookup.type(host)
    lookup.press("Return")


def be_slow(lookup):
    lookup.click(switch(lookup))
    lookup.wait(lambda: switch(lookup).has(States.CHECKED))


def switch(lookup):
    return lookup.find("switch", "Take Three Seconds")


def buttons(lookup):
    return [lookup.find("button", name) for name in ("Look Up", "Cancel")]


def is_ready(start, stop):
    """Nothing is under way: one may look up, and not cancel."""
    return start.is_sensitive and not stop.is_sensitive


@started("LOOKUP_PROGRAM")
def it_lists_the_addresses(gallery):
    look_up(gallery, HERE)
    gallery.wait_for(f"{HERE} has one address")
    gallery.wait_for("IPv4")
    assert is_ready(*buttons(gallery))
    gallery.picture("c-lookup")


@started("LOOKUP_PROGRAM", ADW_DEBUG_COLOR_SCHEME="prefer-dark")
def it_is_dark_where_that_is_preferred(gallery):
    look_up(gallery, HERE)
    gallery.wait_for(f"{HERE} has one address")
    gallery.picture("c-lookup-dark")


@started("LOOKUP_PROGRAM")
def an_error_is_told_in_place_and_by_a_toast(gallery):
    look_up(gallery, NOWHERE)
    told = f"{NOWHERE} was not found"
    gallery.find("list item", told)
    gallery.wait(lambda: len(list(gallery.find_all("label", told))) == 2)
    assert is_ready(*buttons(gallery))
    gallery.picture("c-lookup-error")


@started("LOOKUP_PROGRAM")
def it_is_cancelled_by_a_click_and_by_escape(gallery):
    be_slow(gallery)
    # Found once: on a machine that is busy, three seconds are soon over.
    start, stop = buttons(gallery)
    for cancel in [lambda: gallery.click(stop), lambda: gallery.press("Escape")]:
        look_up(gallery, HERE)
        gallery.wait(lambda: not is_ready(start, stop), "a lookup under way")
        cancel()
        gallery.wait_for("The lookup was cancelled")
        assert is_ready(start, stop)


@started("LOOKUP_PROGRAM")
def it_runs_out_of_time(gallery):
    be_slow(gallery)
    gallery.press("alt+l", "ctrl+a")
    gallery.type("1")
    look_up(gallery, HERE)
    gallery.wait_for(f"{HERE} was not found in time")
    assert is_ready(*buttons(gallery))


@started("LOOKUP_PROGRAM", QIO_TASK_DEBUG="tasks")
def a_window_is_closed_while_it_looks_up(gallery):
    busy = gallery.active_frame
    be_slow(gallery)
    look_up(gallery, HERE)
    gallery.wait_for(f"Looking up {HERE}")
    gallery.press("ctrl+n")
    gallery.wait(lambda: len(gallery.frames) == 2 and not busy.has(States.ACTIVE))
    gallery.press("alt+Tab")
    gallery.wait(lambda: busy.has(States.ACTIVE))
    gallery.close()
    # The other one has nothing to do with it, and as the program ends it would complain
    # of the task that is left, had closing the window not cancelled that.
    gallery.wait(lambda: len(gallery.frames) == 1 and gallery.active_frame)
    gallery.learn(gallery.active_frame)
    look_up(gallery, HERE)
    gallery.wait_for(f"{HERE} has one address")


@started("LOOKUP_PROGRAM")
def the_last_window_is_closed_while_it_looks_up(gallery):
    be_slow(gallery)
    look_up(gallery, HERE)
    gallery.wait_for(f"Looking up {HERE}")
    gallery.close()
    gallery.wait_for_its_end()
