"""The protocol of `keras bench --interactive`, for contestants in Python: a line {"prepare_s": …} when ready; then each
line of standard input, a number of runs, is answered by {"times_ms": […]}.
"""

import json
import sys
import time


def take_turns(started, run):
    """Speaks the protocol: ready since now, prepared since `started`, a time of `time.perf_counter`."""
    print(json.dumps({"prepare_s": time.perf_counter() - started}), flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1000)
        print(json.dumps({"times_ms": times}), flush=True)
