"""Keys: where they are kept, and signing with them. Secrets reach no message, log or traceback.

Heavy packages (eth_account, eth_keyfile) are imported when a key is first used.
"""

from .keystore import KeystoreSigner, create_keystore, store_key
from .kms import KmsSigner
from .passwords import PASSWORD_VARIABLE, PasswordSource, password_path
from .remote import RemoteSigner
from .secret import Secret, read_private_file
from .signer import KeySigner, Signer
from .typed_data import typed_data_digest
from .uri import keystore_folder, signer_from_uri
from .verify import check_transaction, check_typed_data

__all__ = [
    "PASSWORD_VARIABLE",
    "KeySigner",
    "KeystoreSigner",
    "KmsSigner",
    "PasswordSource",
    "RemoteSigner",
    "Secret",
    "Signer",
    "check_transaction",
    "check_typed_data",
    "create_keystore",
    "keystore_folder",
    "password_path",
    "read_private_file",
    "signer_from_uri",
    "store_key",
    "typed_data_digest",
]
