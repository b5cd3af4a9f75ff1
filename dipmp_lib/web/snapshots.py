"""What must not be in a snapshot that many processes start from (Lambda SnapStart).

Nothing is asked while a function is loaded, so there are neither connections nor values yet, unless somebody warms the
function up; ids come from the system's randomness at each request, and times from its clock.
"""

from collections.abc import Callable


def before_snapshot(*clear: Callable[[], None]) -> None:
    """Have these called before a snapshot is taken, and after it is restored; without SnapStart, never.

    Connections of before are dead after it, values may have been replaced, and time has passed without the clock.
    """
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot  # noqa: PLC0415
    except ModuleNotFoundError:
        return
    for function in clear:
        register_before_snapshot(function)
        register_after_restore(function)
