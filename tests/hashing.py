"""The hasher of the tests: as quick as can be, and in the normal form like the real one."""

from django.contrib.auth.hashers import MD5PasswordHasher

from portal.accounts.hashing import InNormalForm


class FastHasher(InNormalForm, MD5PasswordHasher):
    pass
