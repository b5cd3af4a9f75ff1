"""What is assumed of the use that a stage gets, since no template says it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Volume:
    """Requests a month, and how many of them the shared cache answers: more the more often a page is asked for."""

    requests: int
    hit_ratio: float


VOLUMES = (Volume(1_000, 0.0), Volume(1_000_000, 0.5), Volume(100_000_000, 0.9))


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Averages of one request, of one run of `sync`, and of what is kept; seconds, bytes, gigabytes."""

    request_seconds: float = 0.15
    cold_share: float = 0.01
    cold_seconds: float = 1.0
    answer_bytes: int = 20_000
    log_bytes: int = 1_500
    worst_log_bytes: int = 2_500
    request_metrics: int = 4
    sync_seconds: float = 5.0
    sync_metrics: int = 9
    sync_log_bytes: int = 3_000
    sync_reads: int = 20
    sync_writes: int = 3
    table_gb: float = 0.1
    bucket_gb: float = 1.0


DAYS = 30
GB = 1e9
MILLION = 1e6
