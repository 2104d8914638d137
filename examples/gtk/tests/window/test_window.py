"""The window itself: its list of pages, its menu, and how it ends."""

from gallery import PAGES


def it_opens_and_ends(gallery):
    assert gallery.active_frame.name == "Task Gallery"
    gallery.close()
    gallery.wait_for_its_end()


def each_page_opens_by_the_pointer(gallery):
    for name, title in reversed(PAGES.items()):
        gallery.click(gallery.find("label", title, below=gallery.list))
        gallery.wait_for_page(name)


def each_page_opens_by_its_key(gallery):
    for name in reversed(PAGES):
        gallery.open(name)


def the_menu_opens_the_about_window(gallery):
    gallery.press("F10")
    # By its place, as GTK 4.24 tells no names of a menu's items.
    gallery.wait(lambda: next(gallery.find_all("menu item", below=gallery.root), None), "the menu")
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
    gallery.narrow()
    gallery.picture("narrow-list")
    gallery.open("hash")
    gallery.picture("narrow-page")
    back = gallery.find("button", "Back", below=gallery.root)
    gallery.click(back)
    # Not that it is gone, but that nothing has been on its way.
    gallery.picture("narrow-back")
