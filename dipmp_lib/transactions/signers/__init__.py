"""Signers: keys in keystores, variables, AWS KMS and other programs. Secrets reach no message, log or traceback.

Heavy packages (eth_account, eth_keyfile) are imported when a key is first used.
"""

from ..ecdsa import typed_data_digest
from .check import check_transaction, check_typed_data
from .keystore import (
    PASSWORD_VARIABLE,
    KeystoreSigner,
    PasswordSource,
    create_keystore,
    password_path,
    random_key,
    store_key,
)
from .keystores import Account, find_account, free_account, keystore_folder, list_accounts
from .kms import KmsSigner
from .port import KeySigner, Signer
from .rpc import RemoteSigner
from .uri import signer_from_uri

__all__ = [
    "PASSWORD_VARIABLE",
    "Account",
    "KeySigner",
    "KeystoreSigner",
    "KmsSigner",
    "PasswordSource",
    "RemoteSigner",
    "Signer",
    "check_transaction",
    "check_typed_data",
    "create_keystore",
    "find_account",
    "free_account",
    "keystore_folder",
    "list_accounts",
    "password_path",
    "random_key",
    "signer_from_uri",
    "store_key",
    "typed_data_digest",
]
