"""The time to fold and render a project, against parsing its JSON page: the cost of a cold page.

python -m bench.folding [releases] [files per release]
"""

import json
import sys
import time
from collections.abc import Callable

from dipmp_lib.log.fold import fold_project
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project
from dipmp_lib.simple_api import Format, render_project
from tests.support.files.logs import ProjectLog, record

ROUNDS = 5
NAME = ProjectName("demo")


def best(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    releases, files = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (300, 10)
    log = ProjectLog(NAME)
    for version in range(releases):
        log.release(*(record(f"demo-{version}-{build}-py3-none-any.whl") for build in range(files)))
    folded = fold_project(NAME, log.blobs)
    project = Project(
        registry=RegistryAddress(bytes(20)), name=NAME, head=bytes(32), count=len(log.blobs), owner=bytes(20),
        status=folded.status, files=folded.files,
    )  # fmt: skip
    page = render_project(project, Format.JSON)
    parse = best(lambda: json.loads(page))
    print(f"{releases} releases of {files} files: {len(project.files)} files, page of {len(page):,} bytes")
    print(f"fold    {best(lambda: fold_project(NAME, log.blobs)) / parse:5.2f} x json.loads of the page")
    print(f"render  {best(lambda: render_project(project, Format.JSON)) / parse:5.2f} x json.loads of the page")


if __name__ == "__main__":
    main()
