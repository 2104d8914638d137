"""The window itself."""


def it_opens_and_ends(gallery):
    assert gallery.active_frame.name == "Task Gallery"
    gallery.close()
    assert gallery.process.wait() == 0
