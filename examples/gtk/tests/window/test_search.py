"""The page "Search as You Type": the newest search wins, and nothing comes of the others."""

import re

# How long a search may take, in seconds, on a machine that is busy.
PATIENCE = 60


def what_is_typed_is_found(gallery):
    gallery.open("search")
    _type(gallery, "seven hundred billion")
    gallery.wait_for("No number is like “seven hundred billion”", patience=PATIENCE)
    searches, cancelled, late = _tally(gallery)
    # One for each key.
    assert searches == len("seven hundred billion"), searches
    assert late == 0
    print(f"# {cancelled} of {searches} searches were cancelled", flush=True)
    assert cancelled > 0


def what_is_found_is_listed(gallery):
    gallery.open("search")
    _type(gallery, "forty-two billion")
    gallery.wait_for("No number is like", patience=PATIENCE)
    gallery.press("ctrl+a")
    gallery.type("zero")
    gallery.wait_for("One number is like “zero”", patience=PATIENCE)
    gallery.wait_for("zero (0)")
    assert _tally(gallery)[2] == 0


def escape_cancels(gallery):
    _cancel(gallery, "Escape")


def an_empty_text_cancels(gallery):
    _cancel(gallery, "ctrl+a", "BackSpace")


def the_window_is_closed_meanwhile(gallery):
    gallery.open("search")
    _type(gallery, "four")
    gallery.close()
    gallery.wait_for_its_end()


def _cancel(gallery, *keys):
    gallery.open("search")
    _type(gallery, "nine")
    gallery.press(*keys)
    gallery.wait_for("Nothing is searched for")
    searches, _, late = _tally(gallery)
    assert (searches, late) == (len("nine"), 0), (searches, late)
    # Also after those have ended that were under way.
    gallery.type("zero")
    gallery.wait_for("One number is like", patience=PATIENCE)
    assert _tally(gallery)[2] == 0


def _type(gallery, text):
    # The mnemonic of the entry.
    gallery.press("alt+w")
    gallery.type(text)


def _tally(gallery):
    """How many searches there were, how many of them cancelled, and how many late."""
    told = gallery.wait_for(": ", " cancelled, ", " came late").name
    numbers = re.fullmatch(r"(\d+) search(?:es)?: (\w+) cancelled, (\w+) came late", told)
    return [0 if number == "none" else int(number) for number in numbers.groups()]
