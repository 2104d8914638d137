"""Applications beside the gallery, of which each has one window without pages."""

import os

from gallery import Gallery


def started(variable, **others):
    """Has a test start the program that this variable of the environment names, with these
    others. Any warning of GTK or GLib ends it."""

    class Other(Gallery):
        program = os.environ[variable]

        def learn(self, window):
            self.page = window

    def mark(test):
        test.start = lambda: Other(G_DEBUG="fatal-warnings", **others)
        return test

    return mark
