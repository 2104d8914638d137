"""The page "Fail in Every Way": each way has its words for the user, and its variant."""


def a_file_is_not_there(gallery):
    _fail(gallery, "Open List", "Failed", "The list is not there")


def a_worker_panics(gallery):
    _fail(gallery, "Sort List", "Panicked", "Sorry, our mistake", "Copy Details")
    # What the panic itself prints, as in any program.
    gallery.expected_complaints += [
        "thread '.*' .*panicked at",
        "a list has no item of the number -1",
        "note: run with `RUST_BACKTRACE=1`",
    ]


def the_user_cancels(gallery):
    gallery.open("failures")
    gallery.click("Copy List")
    gallery.click("Cancel")
    gallery.find("label", "Cancelled", below=_row(gallery, "A Change of Mind"))
    # Whoever does that need not be told.
    assert len(gallery.overlay.children()) == 1


def the_time_is_over_and_the_user_tries_again(gallery):
    _fail(gallery, "Fetch List", "TimedOut", "The list took too long")
    row = _row(gallery, "A Server that Sleeps")
    gallery.click(gallery.find("button", "Try Again", below=gallery.overlay))
    gallery.wait(lambda: "TimedOut" not in row.words().splitlines())
    gallery.find("label", lambda name: name == "TimedOut", below=row)


def a_task_is_dropped(gallery):
    _fail(gallery, "Print List", "Abandoned", "The list was given up")


def no_thread_is_to_be_had(gallery):
    _fail(gallery, "Send List", "Spawn", "The computer is too busy")


def the_window_is_closed_meanwhile(gallery):
    gallery.open("failures")
    gallery.click("Copy List")
    gallery.find("button", "Cancel")
    gallery.close()
    gallery.wait_for_its_end()


def _fail(gallery, button, variant, *words):
    gallery.open("failures")
    gallery.click(button)
    gallery.wait_for_toast(*words)
    gallery.find("label", lambda name: name == variant)
    assert gallery.find("button", button).is_sensitive


def _row(gallery, title):
    return gallery.find("list item", title)
