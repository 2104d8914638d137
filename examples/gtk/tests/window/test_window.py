"""The window itself: its list of pages, its menu, and how it ends."""

from gallery import PAGES


def it_opens_and_ends(gallery):
    assert gallery.active_frame.name == "Task Gallery"
    gallery.close()
    assert gallery.process.wait() == 0


def each_page_opens_by_the_pointer(gallery):
    for name, title in reversed(PAGES.items()):
        gallery.click(gallery.find("label", title, below=gallery.list))
        gallery.wait_for_page(name)


def each_page_opens_by_its_key(gallery):
    for name in reversed(PAGES):
        gallery.open(name)
