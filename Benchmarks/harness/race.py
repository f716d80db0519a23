"""Contestants that take turns: one runs, the others are stopped (SIGSTOP), so no one's waiting threads disturb.

The speed of a shared machine drifts within seconds. Turns are short and their order rotates, so a drift meets all
alike, and ratios are formed within a round before the median over rounds is taken.
"""

import json
import signal
import statistics
import subprocess
import tempfile
import time

PAUSE = 0.02  # seconds for the machine to settle between turns


class Contestant:
    """A process that speaks the protocol of `keras bench --interactive`."""

    def __init__(self, name, command, sparse=False):
        self.name, self.command = name, [str(word) for word in command]
        self.sparse = sparse  # slow and only reported: takes part in every third round
        self.rounds = {}  # round: milliseconds of each prediction in it
        self.prepare = None
        self.messages = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.messages, text=True)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.messages.seek(0)
            said = self.messages.read().decode(errors="replace")[-2000:]
            raise SystemExit(f"{self.name} ended early: {' '.join(self.command)}\n{said}")
        return json.loads(line)

    def get_ready(self):
        self.prepare = self.answer()["prepare_s"]
        self.process.send_signal(signal.SIGSTOP)

    def predict(self, count):
        """Milliseconds of `count` predictions, run while everyone else sleeps."""
        self.process.send_signal(signal.SIGCONT)
        time.sleep(PAUSE)
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        times = self.answer()["times_ms"]
        self.process.send_signal(signal.SIGSTOP)
        return times

    def end(self):
        """Lets it end by itself, so that its own processes' time counts as its, not as a disturbance."""
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def times(self):
        return [time for times in self.rounds.values() for time in times]

    def summary(self):
        times = self.times
        return {"min_ms": min(times), "median_ms": statistics.median(times), "repeats": len(times),
                "prepare_s": self.prepare}


class Pace:
    """How many predictions a turn has: as many as fill `seconds`, after one to warm up where that costs little."""

    def __init__(self, contestant, seconds):
        self.seconds = seconds
        self.adapt(contestant.predict(1))

    def adapt(self, times):
        typical = statistics.median(times) / 1000
        self.count = max(1, min(30, round(self.seconds / typical)))
        self.warm_up = 1 if typical < 0.1 else 0

    def turn(self, contestant):
        times = contestant.predict(self.count + self.warm_up)[self.warm_up:]
        self.adapt(times)
        return times


def race(contestants, rounds, seconds=0.15, before_end=lambda contestant: None):
    """Runs the rounds; each contestant then holds its times. What is asked of its process, is asked `before_end`."""
    try:
        for contestant in contestants:
            contestant.get_ready()
        paces = {contestant: Pace(contestant, seconds) for contestant in contestants}
        for number in range(rounds):
            first = number % len(contestants)
            for contestant in contestants[first:] + contestants[:first]:
                if not contestant.sparse or number % 3 == 0:
                    contestant.rounds[number] = paces[contestant].turn(contestant)
        for contestant in contestants:
            before_end(contestant)
    finally:
        for contestant in contestants:
            contestant.end()


def ratio(theirs, ours):
    """How many times as long they take: between the minima, and the median over rounds of medians' ratios."""
    shared = theirs.rounds.keys() & ours.rounds.keys()
    return {
        "of_minima": min(theirs.times) / min(ours.times),
        "of_rounds": statistics.median(
            statistics.median(theirs.rounds[number]) / statistics.median(ours.rounds[number]) for number in shared),
    }
