"""The page "Look Up a Name": a task about a widget, which the window's end does not harm."""


def a_name_is_looked_up(gallery):
    gallery.open("lookup")
    gallery.click("Look Up")
    gallery.wait_for("localhost has")
    gallery.wait_for("127.0.0.1")


def a_name_is_looked_up_without_the_pointer(gallery):
    gallery.open("lookup")
    _look_up(gallery, "127.0.0.1")
    gallery.wait_for("127.0.0.1 has one address")


def what_is_not_found_is_told(gallery):
    gallery.open("lookup")
    _look_up(gallery, "no-such-name.invalid")
    gallery.wait_for("no-such-name.invalid was not found")
    gallery.wait_for_toast("no-such-name.invalid was not found")


def a_slow_lookup_is_cancelled(gallery):
    # Found before: on a machine that is busy, three seconds are soon over.
    gallery.open("lookup")
    stop = gallery.find("button", "Cancel")
    _start_slowly(gallery)
    gallery.click(stop)
    gallery.wait_for("The lookup was cancelled")
    assert gallery.find("button", "Look Up").is_sensitive


def the_window_is_closed_meanwhile(gallery):
    _start_slowly(gallery)
    gallery.close()
    gallery.wait_for_its_end()


def another_window_goes_on(gallery):
    _start_slowly(gallery)
    gallery.press("ctrl+n")
    gallery.wait(lambda: len(gallery.frames) == 2)
    gallery.close()
    gallery.wait(lambda: len(gallery.frames) == 1 and gallery.active_frame)
    gallery.wait_for("localhost has")


def _start_slowly(gallery):
    gallery.open("lookup")
    gallery.click(gallery.find("switch", "Take Three Seconds"))
    gallery.click("Look Up")
    gallery.wait_for("Looking up localhost")


def _look_up(gallery, name):
    # The mnemonic of the entry selects its text.
    gallery.press("alt+h")
    gallery.type(name)
    gallery.press("Return")
