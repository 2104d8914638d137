"""The window itself: its list of pages, its menu, and how it ends."""

from gallery import PAGES, xdotool


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


def the_menu_opens_the_about_window(gallery):
    gallery.press("F10")
    item = gallery.find(name="About Task Gallery", below=gallery.root)
    assert item.role in ("menu item", "push button"), item.role
    gallery.press("Up", "Up", "Up", "Return")
    gallery.wait(lambda: len(gallery.root.children()) == 2)
    gallery.picture("about")
    gallery.press("Escape")
    gallery.wait(lambda: len(gallery.root.children()) == 1)


def a_key_opens_the_list_of_keys(gallery):
    gallery.press("ctrl+question")
    gallery.wait(lambda: len(gallery.root.children()) == 2)
    gallery.picture("shortcuts")
    gallery.press("Escape")
    gallery.wait(lambda: len(gallery.root.children()) == 1)


def a_narrow_window_shows_the_list_or_a_page(gallery):
    xdotool("getactivewindow", "windowsize", 370, 640)
    gallery.wait(lambda: gallery.active_frame.extents[2] < 400)
    gallery.picture("narrow-list")
    gallery.open("hash")
    gallery.picture("narrow-page")
    back = gallery.find("push button", "Back", below=gallery.root)
    gallery.click(back)
    # Not that it is gone, but that nothing has been on its way.
    gallery.picture("narrow-back")
