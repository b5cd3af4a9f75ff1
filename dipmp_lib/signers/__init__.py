"""Keys: where they are kept, and signing with them. Secrets reach no message, log or traceback.

Heavy packages (eth_account, eth_keyfile) are imported when a key is first used.
"""

from .accounts import Account, find_account, free_account, keystore_folder, list_accounts
from .keystore import KeystoreSigner, create_keystore, random_key, store_key
from .kms import KmsSigner
from .passwords import PASSWORD_VARIABLE, PasswordSource, password_path
from .remote import RemoteSigner
from .secret import Secret, parse_key, read_private_file
from .signer import KeySigner, Signer
from .typed_data import typed_data_digest
from .uri import signer_from_uri
from .verify import check_transaction, check_typed_data

__all__ = [
    "PASSWORD_VARIABLE",
    "Account",
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
    "find_account",
    "free_account",
    "keystore_folder",
    "list_accounts",
    "parse_key",
    "password_path",
    "random_key",
    "read_private_file",
    "signer_from_uri",
    "store_key",
    "typed_data_digest",
]
