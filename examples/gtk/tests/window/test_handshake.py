"""The page "Shake Hands": with each server that it offers."""

PROMPT, SLOW, SILENT, IMPOSTOR = range(4)


def a_handshake_is_done(gallery):
    _shake_hands(gallery, PROMPT)
    gallery.wait_for("The connection is secure")
    gallery.wait_for("TLS 1.3")
    gallery.wait_for("It is good for localhost")


def a_server_sends_a_byte_at_a_time(gallery):
    _shake_hands(gallery, SLOW)
    gallery.wait_for("The connection is secure")
    gallery.wait_for("bytes received in", "pieces")


def a_server_never_answers_and_the_user_has_enough(gallery):
    _shake_hands(gallery, SILENT)
    gallery.wait_for("Shaking hands…")
    gallery.click("Cancel")
    gallery.wait_for("The handshake was cancelled")


def a_server_never_answers_and_the_time_is_over(gallery):
    gallery.open("handshake")
    gallery.set(gallery.find("spin button"), 1)
    _shake_hands(gallery, SILENT)
    gallery.wait_for("The server did not answer in time")
    gallery.wait_for_toast("The server did not answer in time")


def a_server_is_somebody_else(gallery):
    _shake_hands(gallery, IMPOSTOR)
    gallery.wait_for("The handshake failed")
    gallery.wait_for_toast("The handshake failed")
    gallery.wait_for("invalid peer certificate")


def the_window_is_closed_meanwhile(gallery):
    _shake_hands(gallery, SILENT)
    gallery.wait_for("Shaking hands…")
    gallery.close()
    assert gallery.process.wait() == 0


def _shake_hands(gallery, server):
    gallery.open("handshake")
    gallery.choose(gallery.find(name="Server"), server)
    gallery.click("Shake Hands")
