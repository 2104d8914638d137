"""The page "Await Tasks": each of its examples, to its end and stopped."""

import re


def one_after_the_other(gallery):
    gallery.open("awaited")
    gallery.click("Read a File")
    size = len(open("/etc/hosts", "rb").read())
    gallery.wait_for(f"{size} bytes in", "lines")


def the_first_error_ends_it(gallery):
    gallery.open("awaited")
    gallery.click("Read None")
    gallery.wait_for("Ended by an Error")
    second = gallery.find("list item", "Count Its Lines")
    labels = [node.name for node in second.walk() if node.role == "label"]
    assert not any("bytes" in name or "lines" in name for name in labels), labels


def all_at_once(gallery):
    gallery.open("awaited")
    gallery.click("Join Three")
    told = gallery.wait_for("of work in").name
    work, time = map(float, re.findall(r"([0-9.]+) s", told))
    assert work > time, told


def a_task_wins_against_the_clock(gallery):
    gallery.open("awaited")
    gallery.click("A Quick Race")
    gallery.wait_for("The task won")


def the_clock_wins(gallery):
    gallery.open("awaited")
    gallery.click("A Slow Race")
    gallery.wait_for("The clock won")
    gallery.wait_for("Stopped: its future was dropped")


def it_is_stopped_and_its_worker_learns_of_it(gallery):
    gallery.open("awaited")
    gallery.click(gallery.find("button", lambda name: name == "Start"))
    gallery.wait_for("“I work:")
    gallery.click(gallery.find("button", lambda name: name == "Stop"))
    gallery.wait_for("“I stop, after")
    gallery.wait_for("Stopped: its future was dropped")


def the_window_is_closed_meanwhile(gallery):
    gallery.open("awaited")
    gallery.click(gallery.find("button", lambda name: name == "Start"))
    gallery.wait_for("“I work:")
    gallery.close()
    gallery.wait_for_its_end()
