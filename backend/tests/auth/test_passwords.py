"""Which passwords are accepted, and how they are kept."""

import pytest
from argon2 import PasswordHasher

from app.auth.passwords import common_passwords, hash_password, needs_rehash, password_is_right, weakness


def refused(password: str, email: str = "ana.lopez@example.com", name: str = "Ana López") -> str | None:
    return weakness(password, email=email, name=name)


class TestWeakness:
    @pytest.mark.parametrize(
        "password",
        [
            "a quiet harbour in May",
            "correo-azul-27",
            "zwölf Äpfel!",
            "ni el viento lo sabe",
            "密码密码一二三四五六七八",
            "x7#Kq!v9Lm",
            "🦊🐙🌵🎻🧭🪁🥝🛶🧶🪴",
            "w" + "ordy" * 5 + " and more",
            "x" * 500 + "yz and some more" * 5,
        ],
    )
    def test_what_is_long_and_not_known_is_accepted(self, password: str) -> None:
        assert refused(password) is None

    @pytest.mark.parametrize("password", ["", "short", "123456789", "x7#Kq!v9L"])
    def test_nine_characters_are_too_few(self, password: str) -> None:
        assert "at least 10" in str(refused(password))

    def test_a_thousand_are_enough(self) -> None:
        assert "at most 1000" in str(refused("ab cd ef gh ij " * 67))

    @pytest.mark.parametrize(
        "password",
        [
            "password123",
            "Password123!",
            "PASSWORD2026",
            "qwertyuiop",
            "Qwertyuiop1",
            "1q2w3e4r5t",
            "iloveyou2024",
            "contraseña1",
            "Contraseña123",
            "correcthorsebatterystaple",
            "administrator1",
            "ｐａｓｓｗｏｒｄ１２３",
        ],
    )
    def test_known_ones_are_refused(self, password: str) -> None:
        assert "tried first" in str(refused(password))

    @pytest.mark.parametrize(
        "password",
        ["aaaaaaaaaa", "1111111111", "abababababab", "abcabcabcabc", "abcdefghij", "9876543210", "hellohello"],
    )
    def test_patterns_are_refused(self, password: str) -> None:
        assert "tried first" in str(refused(password))

    @pytest.mark.parametrize(
        "password",
        ["ana.lopez@example.com", "ANA.LOPEZ@example.com", "ana.lopez1", "1ana.lopez23", "Ana López 1!", "ana lópez99"],
    )
    def test_ones_own_name_is_refused(self, password: str) -> None:
        assert "name or the email" in str(refused(password))

    def test_a_short_name_spoils_nothing(self) -> None:
        assert refused("al fondo hay sitio", email="al@example.com", name="Al") is None

    def test_the_list_is_folded_and_has_no_doubles(self) -> None:
        listed = common_passwords()
        assert len(listed) > 150
        assert all(word == word.casefold().strip() for word in listed)


class TestHashing:
    async def test_argon2id_with_a_salt_of_its_own(self) -> None:
        one, other = await hash_password("a quiet harbour"), await hash_password("a quiet harbour")
        assert one.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
        assert one != other
        assert "quiet" not in one

    async def test_the_right_one_and_no_other(self) -> None:
        stored = await hash_password("a quiet harbour")
        assert await password_is_right(stored, "a quiet harbour")
        assert not await password_is_right(stored, "a quiet harbouR")
        assert not await password_is_right(stored, "")

    async def test_however_the_keyboard_composes_it(self) -> None:
        stored = await hash_password("contrase\u00f1a larga")
        assert await password_is_right(stored, "contrasen\u0303a larga")

    async def test_nul_is_a_character_like_others(self) -> None:
        """In bcrypt it would end the password."""
        stored = await hash_password("a quiet\x00harbour")
        assert not await password_is_right(stored, "a quiet\x00mountain")

    @pytest.mark.parametrize("stored", [None, "", "nonsense", "$argon2id$v=19$m=1"])
    async def test_where_nothing_is_stored_nothing_is_right(self, stored: str | None) -> None:
        assert not await password_is_right(stored, "a quiet harbour")

    async def test_weaker_parameters_are_noticed(self) -> None:
        assert needs_rehash(PasswordHasher(memory_cost=8192).hash("x"))
        assert not needs_rehash(await hash_password("x"))
