"""Mails by SMTP: set up by BACKEND_SMTP_URL, or not there at all; then links are only shown to who made them."""

import asyncio
import ipaddress
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import structlog

from app.auth.schemas import Delivery
from app.settings import Settings

log = structlog.get_logger(__name__)

TIMEOUT_S = 10.0
PORTS = {"smtp": 587, "smtps": 465}


class MailNotSent(Exception):
    """The mail server could not be reached, or refused the mail."""


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class MailServer:
    """`smtp://user:password@host:587` (STARTTLS) or `smtps://…` (TLS from the start)."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = None

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("BACKEND_SMTP_URL must look like smtp://user:password@host:587 or smtps://host")
        return cls(
            parts.hostname,
            parts.port or PORTS[parts.scheme],
            parts.scheme == "smtps",
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )

    @property
    def is_on_this_machine(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def deliver(self, message: EmailMessage) -> None:
        """Blocking. Raises OSError and smtplib.SMTPException."""
        context = ssl.create_default_context()
        if self.tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        with connection:
            if not self.tls:
                connection.ehlo()
                if connection.has_extn("starttls"):
                    connection.starttls(context=context)
                elif not self.is_on_this_machine:
                    # The mail holds a link that signs in; somebody in between could have taken the offer out.
                    raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS")
            if self.user is not None:
                connection.login(self.user, self.password or "")
            connection.send_message(message)


class Mailer:
    """Without a server it sends nothing, and says so."""

    def __init__(self, server: MailServer | None, sender: str, public_url: str) -> None:
        self.server = server
        self.sender = sender
        self.public_url = public_url

    @classmethod
    def from_settings(cls, settings: Settings) -> "Mailer":
        if settings.smtp_url is None:
            return cls(None, "", settings.public_url or "")
        if not settings.mail_from or not settings.public_url:
            # The address of links is never taken from a request: whoever asks could make it lead to themselves.
            raise ValueError("BACKEND_SMTP_URL also needs BACKEND_MAIL_FROM and BACKEND_PUBLIC_URL")
        if "@" not in parseaddr(settings.mail_from)[1]:
            raise ValueError("BACKEND_MAIL_FROM must be an address, such as: Catalogue <catalogue@example.com>")
        server = MailServer.from_url(settings.smtp_url.get_secret_value())
        return cls(server, settings.mail_from, settings.public_url)

    def link(self, path: str) -> str:
        """The whole address; the path alone where no public address is set."""
        return self.public_url.rstrip("/") + path

    def message(self, recipient: str, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = recipient
        message["Subject"] = mail.subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message

    async def send(self, recipient: str, mail: Mail) -> None:
        """Raises MailNotSent."""
        if self.server is None:
            raise MailNotSent("no mail server is set")
        try:
            await asyncio.to_thread(self.server.deliver, self.message(recipient, mail))
        except (OSError, smtplib.SMTPException) as error:
            # Neither the address nor the answer's text: servers repeat there what they were sent.
            log.warning("mail_not_sent", server=self.server.host, reason=type(error).__name__)
            raise MailNotSent(type(error).__name__) from error

    async def try_to_send(self, recipient: str, mail: Mail) -> Delivery:
        """For a mail whose link is also shown: what became of it is told, and is never an error."""
        if self.server is None:
            return "not_configured"
        try:
            await self.send(recipient, mail)
        except MailNotSent:
            return "failed"
        return "sent"
