"""The mails, in English and Spanish. What people have typed stands in the text, never in a header."""

from app.auth.mail import Mail

INVITATION = {
    "en": Mail(
        "Your invitation to the catalogue",
        "Hello,\n\n{inviter} invites you to work on the product catalogue.\n\n"
        "Open this link to choose your password. It works once, and for seven days:\n\n{link}\n\n"
        "If you did not expect this, do nothing.\n",
    ),
    "es": Mail(
        "Invitación al catálogo",
        "Hola:\n\n{inviter} te invita a trabajar en el catálogo de productos.\n\n"
        "Abre este enlace para elegir tu contraseña. Sirve una sola vez y caduca a los siete días:\n\n{link}\n\n"
        "Si no esperabas este mensaje, no tienes que hacer nada.\n",
    ),
}

PASSWORD_RESET = {
    "en": Mail(
        "Choose a new password",
        "Hello {name},\n\nSomebody, probably you, asked for a new password for your account.\n\n"
        "Open this link to choose it. It works once, and for one hour:\n\n{link}\n\n"
        "If it was not you, do nothing: your password stays as it is.\n",
    ),
    "es": Mail(
        "Elige una contraseña nueva",
        "Hola, {name}:\n\nAlguien, probablemente tú, ha pedido una contraseña nueva para tu cuenta.\n\n"
        "Abre este enlace para elegirla. Sirve una sola vez y caduca en una hora:\n\n{link}\n\n"
        "Si no has sido tú, no tienes que hacer nada: tu contraseña sigue siendo la misma.\n",
    ),
}

PASSWORD_RESET_BY_ADMINISTRATOR = {
    "en": Mail(
        "Choose a new password",
        "Hello {name},\n\nAn administrator made this link for you, to choose a new password.\n"
        "It works once, and for one day:\n\n{link}\n",
    ),
    "es": Mail(
        "Elige una contraseña nueva",
        "Hola, {name}:\n\nUna persona de administración ha creado este enlace para que elijas una contraseña nueva.\n"
        "Sirve una sola vez y caduca en un día:\n\n{link}\n",
    ),
}


def in_language(texts: dict[str, Mail], language: str | None) -> Mail:
    """`es-MX` is Spanish; what we have no text for is English."""
    return texts.get((language or "en").partition("-")[0], texts["en"])


def fill(texts: dict[str, Mail], language: str | None, **values: str) -> Mail:
    mail = in_language(texts, language)
    return Mail(mail.subject, mail.text.format(**values))


def invitation_mail(language: str | None, link: str, inviter: str) -> Mail:
    return fill(INVITATION, language, link=link, inviter=inviter)


def password_reset_mail(language: str | None, link: str, name: str) -> Mail:
    return fill(PASSWORD_RESET, language, link=link, name=name)


def password_reset_mail_by_administrator(language: str | None, link: str, name: str) -> Mail:
    return fill(PASSWORD_RESET_BY_ADMINISTRATOR, language, link=link, name=name)
