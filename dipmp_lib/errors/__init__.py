"""Every error that dipmp raises on purpose.

DipmpError
├── InvalidInput             a value that somebody typed or sent
│   ├── InvalidAddress       not a registry address
│   ├── InvalidName          not a PEP 503 normal form
│   ├── InvalidFilename      not a wheel or sdist file name
│   ├── InvalidCid           not a CID that dipmp uses
│   ├── InvalidDenylist      not a denylist in IPFS Compact Format, or cannot be read
│   ├── InvalidUpload        not a request of the upload API, or at odds with its file
│   │   └── UploadTooLarge
│   └── InvalidSettings      one or more settings are wrong or missing
├── NotFound                 proven absent
│   ├── RegistryNotFound
│   ├── ProjectNotFound
│   └── FileNotListed
├── Refused                  the operator of this server does not serve it
│   ├── Denied               a rule of the denylist says so
│   └── NotServed            this server is set up for other registries
├── Malformed                bytes from outside that break their format
│   ├── MalformedLog         a registry's answer that does not verify
│   ├── MalformedPayload     one entry's payload
│   ├── MalformedCar         a CAR, a block or a UnixFS node
│   └── MalformedAnswer      an HTTP or JSON-RPC answer
├── Upstream                 somebody else's service failed; try again later
│   ├── RpcError             an endpoint failed or answered with an error
│   │   ├── Reverted         the contract refused the call
│   │   ├── Exhausted        the call used up its gas or time
│   │   └── WrongChain       an endpoint serves another chain
│   ├── GatewayError
│   ├── PinnerError          a pinning service failed, or keeps something else
│   │   ├── PinnerRefused    it does not take the credentials
│   │   └── PinnerBusy       it may answer later
│   ├── SourceError          the index that is mirrored failed, or cannot be used
│   ├── StoreError           the operator's database or bucket failed
│   ├── SecretError          a setting that is kept elsewhere could not be read
│   └── PageTooLarge         a page that this server cannot send, and that is nowhere else yet
└── PublishError             nothing was written on chain
    ├── InvalidDistribution  every problem of every file, together
    ├── Conflict             the same file name is taken by other bytes
    ├── SignerError          no key, wrong password, loose permissions
    ├── JournalError         what was sent cannot be written down, or another one is sending
    └── TransactionError     not enough funds, dropped, reverted
        └── CallRefused      the contract says no

Each class keeps its facts as attributes; `str()` is one sentence for a person. Nothing here knows HTTP.
"""

from .base import DipmpError
from .inputs import (
    InvalidAddress,
    InvalidCid,
    InvalidDenylist,
    InvalidFilename,
    InvalidInput,
    InvalidName,
    InvalidSettings,
    InvalidUpload,
    UploadTooLarge,
)
from .publishing import (
    CallRefused,
    Conflict,
    InvalidDistribution,
    JournalError,
    PublishError,
    SignerError,
    TransactionError,
)
from .reading import (
    Denied,
    Exhausted,
    FileNotListed,
    GatewayError,
    Malformed,
    MalformedAnswer,
    MalformedCar,
    MalformedLog,
    MalformedPayload,
    NotFound,
    NotServed,
    PageTooLarge,
    PinnerBusy,
    PinnerError,
    PinnerRefused,
    ProjectNotFound,
    Refused,
    RegistryNotFound,
    Reverted,
    RpcError,
    SecretError,
    SourceError,
    StoreError,
    Upstream,
    WrongChain,
)

__all__ = [
    "CallRefused",
    "Conflict",
    "Denied",
    "DipmpError",
    "Exhausted",
    "FileNotListed",
    "GatewayError",
    "InvalidAddress",
    "InvalidCid",
    "InvalidDenylist",
    "InvalidDistribution",
    "InvalidFilename",
    "InvalidInput",
    "InvalidName",
    "InvalidSettings",
    "InvalidUpload",
    "JournalError",
    "Malformed",
    "MalformedAnswer",
    "MalformedCar",
    "MalformedLog",
    "MalformedPayload",
    "NotFound",
    "NotServed",
    "PageTooLarge",
    "PinnerBusy",
    "PinnerError",
    "PinnerRefused",
    "ProjectNotFound",
    "PublishError",
    "Refused",
    "RegistryNotFound",
    "Reverted",
    "RpcError",
    "SecretError",
    "SignerError",
    "SourceError",
    "StoreError",
    "TransactionError",
    "UploadTooLarge",
    "Upstream",
    "WrongChain",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # where people import it from, and so what a traceback should say
