"""What the numbers were measured on, and how much it was disturbed."""

import contextlib
import os
import platform
import re
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds_in_use():
    """CPU seconds spent on anything since the machine started, stolen ones included, on all CPUs together."""
    user, nice, system, _, _, interrupts, soft, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + interrupts + soft + steal) / TICKS


def cpu_seconds_of(process):
    """CPU seconds of a process, all threads together."""
    after_name = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS


class Noise:
    """The share of the machine's CPU time that went to other processes while contestants ran."""

    def __init__(self):
        self.others = self.elapsed = 0.0

    @contextlib.contextmanager
    def watching(self, process):
        start, machine, own = time.monotonic(), cpu_seconds_in_use(), cpu_seconds_of(process)
        yield
        self.elapsed += (time.monotonic() - start) * os.cpu_count()
        self.others += cpu_seconds_in_use() - machine - (cpu_seconds_of(process) - own)

    @property
    def share(self):
        return max(0.0, self.others / self.elapsed) if self.elapsed else 0.0


def describe():
    """The machine, in words and figures."""
    information = Path("/proc/cpuinfo").read_text()
    field = lambda name: (re.search(rf"^{name}\s*: (.*)$", information, re.M) or [None, ""])[1].strip()
    flags = set(field("flags").split())
    extensions = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags]
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1])
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": re.sub(r"\((R|TM)\)", "", field("model name") or platform.machine()),
        "cpu_model": f"family {field('cpu family')}, model {field('model')}",
        "cores": os.cpu_count(),
        "extensions": extensions,
        "memory_gb": round(memory / 1e6),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "load_at_start": os.getloadavg()[0],
    }


def revision(repository):
    """The commit that is measured, marked when sources differ from it."""
    def git(*arguments):
        return subprocess.run(["git", "-C", repository, *arguments], capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "Sources", "Applications", "Package.swift")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
