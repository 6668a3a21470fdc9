from collections.abc import Iterator

import pytest

from app.auth.mail import Mailer, MailServer
from backend.tests.auth.mailbox import Mailbox, receiving
from backend.tests.support.backend import Backend


@pytest.fixture
def mailbox(backend: Backend) -> Iterator[Mailbox]:
    """The backend sends its mails here for the time of the test."""
    mailer: Mailer = backend.app.state.mailer
    with receiving() as mailbox, pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailer, "server", MailServer("127.0.0.1", mailbox.port, tls=False))
        patch.setattr(mailer, "sender", "Catálogo <catalogue@shop.example>")
        patch.setattr(mailer, "public_url", "https://catalogue.shop.example/")
        yield mailbox
