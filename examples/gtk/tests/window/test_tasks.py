"""The page "See What Runs", and what a developer learns of a process that is stuck."""

import signal

from gallery import started

PLACE = "examples/gtk/src/pages/tasks.rs:"


def a_task_that_hangs_is_in_the_list(gallery):
    gallery.open("tasks")
    gallery.click(gallery.find("switch", "Watch Tasks"))
    gallery.click("Hang")
    table = gallery.find("tree table", "Tasks in flight")
    gallery.wait_for("hang", below=table)
    gallery.wait_for("tasks.rs:", below=table)
    shown = table.words()
    assert "unning" in shown, shown
    age = gallery.find("label", lambda name: name.endswith(" s"), below=table)
    before = age.name
    gallery.wait(lambda: age.name != before)
    gallery.click("Let It Go")
    gallery.wait_for_toast("It hangs no more")
    gallery.wait_for("No task")


@started(QIO_TASK_DEBUG="tasks")
def a_task_that_hangs_is_found_in_one_signal(gallery):
    gallery.open("tasks")
    gallery.click("Hang")
    gallery.wait(lambda: gallery.find("button", "Let It Go").is_sensitive)
    gallery.process.send_signal(signal.SIGUSR1)
    gallery.wait_for_complaint(f'"hang".*{PLACE}')
    gallery.expected_complaints.append("process [0-9]+ has 1 unfinished task:")
    gallery.click("Let It Go")
    gallery.wait_for_toast("It hangs no more")


@started(QIO_TASK_DEBUG="slow")
def a_callback_that_holds_the_loop_is_warned_of(gallery):
    gallery.open("tasks")
    gallery.click("Hold")
    # By this title, libadwaita 1.2 calls the list below it, 1.10 the group of both.
    slow = gallery.find(["list", "panel"], "Slow Callbacks")
    gallery.wait_for("hold", below=slow)
    held = "has held the main loop for [0-9]+ ms"
    gallery.wait_for_complaint(f'the callback of the task "hold", made at {PLACE}.* {held}')


def the_window_is_closed_while_a_task_hangs(gallery):
    gallery.open("tasks")
    gallery.click("Hang")
    gallery.wait(lambda: gallery.find("button", "Let It Go").is_sensitive)
    gallery.close()
    gallery.wait_for_its_end()
