"""Reads event files with TensorBoard's own reader, and says what is in them.

  KERAS_EVENTS_DIR=events swift test --filter KerasTensorBoardTests
  python3 Tests/Interop/read_events.py events        (pip install tensorboard==2.21.0)
"""
import glob
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util import tensor_util

runs = sorted(glob.glob(sys.argv[1] + "/*/*/"))
found = set()
for run in runs:
    events = event_accumulator.EventAccumulator(run, size_guidance={event_accumulator.TENSORS: 0})
    events.Reload()
    tags = events.Tags()
    for tag in tags["tensors"]:
        plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
        values = [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)]
        assert values, tag
        found.add(plugin)
        if plugin == "scalars":
            print(run, tag, [(step, round(float(value), 5)) for step, value in values])
        else:
            print(run, plugin, tag, [(step, value.shape) for step, value in values])
    if tags["graph"]:
        found.add("graph")
        print(run, "graph", [(node.name, node.op, list(node.input)) for node in events.Graph().node]
              if hasattr(events.Graph(), "node") else "")
assert {"scalars", "histograms", "graph", "graph_keras_model"} <= found, found
print("all of them were read:", ", ".join(sorted(found)))
