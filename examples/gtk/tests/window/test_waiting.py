"""The tests themselves: one that waits for what does not come says for what, and soon."""


def what_does_not_come_is_named(gallery):
    gallery.open("lookup")
    for wait in [
        lambda: gallery.find("button", "No Such Button", patience=0.1),
        lambda: gallery.wait(lambda: False, "No Such Button", patience=0.1),
        lambda: gallery.click("No Such Button", patience=0.1),
    ]:
        try:
            wait()
        except AssertionError as error:
            assert "No Such Button" in str(error), error
        else:
            raise AssertionError("it has not failed")
