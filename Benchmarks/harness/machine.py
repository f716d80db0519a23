"""What the numbers were measured on, and how much it was disturbed."""

import os
import platform
import re
import resource
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds_in_use():
    """CPU seconds spent on anything since the machine started, stolen ones included, on all CPUs together."""
    user, nice, system, _, _, interrupts, soft, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + interrupts + soft + steal) / TICKS


def cpu_seconds_of_family(process):
    """CPU seconds that a process has spent, with those who descend from it."""
    fields = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in front may hold anything.
            after = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended meanwhile.
        fields[int(path.parent.name)] = (int(after[1]), sum(map(int, after[11:15])) / TICKS)
    family, found = {process}, 0
    while len(family) > found:
        found = len(family)
        family |= {pid for pid, (parent, _) in fields.items() if parent in family}
    return sum(fields[pid][1] for pid in family if pid in fields)


class Disturbance:
    """While entered: the share of the machine's CPU time that went to processes other than our children."""

    def __enter__(self):
        self.start = self.reading()
        return self

    def __exit__(self, *_):
        elapsed, others = (end - start for start, end in zip(self.start, self.reading()))
        self.share = max(0.0, others / elapsed)

    @staticmethod
    def reading():
        """CPU seconds that passed, and those that others used; children count once they have ended."""
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        ours = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        return time.monotonic() * os.cpu_count(), cpu_seconds_in_use() - ours


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
    return "commit " + git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
