"""Keys: where they are kept, and signing with them. Secrets reach no message, log or traceback.

Heavy packages (eth_account, eth_keyfile) are imported when a key is first used.
"""

from .keystore import KeystoreSigner, create_keystore
from .passwords import PASSWORD_VARIABLE, PasswordSource, password_path
from .secret import Secret, read_private_file
from .signer import KeySigner, Signer
from .uri import keystore_folder, signer_from_uri

__all__ = [
    "PASSWORD_VARIABLE",
    "KeySigner",
    "KeystoreSigner",
    "PasswordSource",
    "Secret",
    "Signer",
    "create_keystore",
    "keystore_folder",
    "password_path",
    "read_private_file",
    "signer_from_uri",
]
