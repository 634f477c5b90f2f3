"""How many cores this process may really use."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def cores() -> int:
    """The smallest of: the cores of the machine, the process's affinity, the control group's quota, OMP_NUM_THREADS."""
    limits = [len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1]
    quota = cgroup_quota(Path("/sys/fs/cgroup"))
    if quota:
        limits.append(max(1, int(quota)))
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked):
        limits.append(int(asked))
    return min(limits)


def cgroup_quota(root: Path) -> float | None:
    """CPUs that a container may use, of control groups version 2, else 1. https://docs.kernel.org/admin-guide/cgroup-v2.html"""
    try:
        if (root / "cpu.max").is_file():
            quota, period = (root / "cpu.max").read_text().split()
        else:
            quota, period = ((root / "cpu" / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period"))
    except (OSError, ValueError):
        return None
    return None if quota in ("max", "-1") else int(quota) / int(period)
