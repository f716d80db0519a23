"""Keras applications as ONNX, in the form inference engines like best (see make_models.py)."""

import keras
import numpy as np
import onnx
from keras import layers
from onnx import TensorProto, helper, numpy_helper


class OnnxWriter:
    """One functional Keras model, read layer by layer in topological order."""

    def __init__(self, model):
        self.model = model
        self.nodes, self.constants = [], []
        self.names = {}  # layer name: name of its output in the ONNX graph
        self.padding = {}  # name of a padding layer: [top, left, bottom, right], for the layer behind it
        self.normalization = {}  # name of a convolution: the BatchNormalization behind it
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                self.normalization[self.sources(layer)[0]] = layer

    def sources(self, layer):
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        return [tensor._keras_history.operation.name for tensor in inputs]

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def activate(self, source, activation, output):
        if activation is keras.activations.linear:
            return source
        operator = {keras.activations.relu: "Relu", keras.activations.softmax: "Softmax"}[activation]
        return self.node(operator, [source], output)

    def convolution(self, layer, source):
        depthwise = isinstance(layer, layers.DepthwiseConv2D)
        values = layer.get_weights()
        kernel, bias = values[0], values[1] if layer.use_bias else 0
        # To (outputs, inputs per group, height, width).
        kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
        if batch_norm := self.normalization.get(layer.name):
            gamma, beta, mean, variance = batch_norm.get_weights()
            scale = gamma / np.sqrt(variance + batch_norm.epsilon)
            kernel, bias = kernel * scale[:, None, None, None], (bias - mean) * scale + beta
        height, width = layer.kernel_size
        inputs = [source, self.constant(layer.name + "/kernel", kernel), self.constant(layer.name + "/bias", bias)]
        output = self.node(
            "Conv", inputs, layer.name, kernel_shape=[height, width], strides=list(layer.strides),
            pads=self.pads(layer), group=kernel.shape[0] if depthwise else 1)
        return self.activate(output, layer.activation, layer.name + "/activation")

    def pads(self, layer):
        """Padding of a convolution or pooling, with that of the padding layer before it."""
        if layer.padding == "valid":
            return self.padding.get(self.sources(layer)[0], [0, 0, 0, 0])
        before, after = [], []
        for size, kernel, stride in zip(layer.input.shape[1:3], layer.kernel_size, layer.strides):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def dense(self, layer, source):
        kernel, bias = layer.get_weights()
        before = self.model.get_layer(self.sources(layer)[0])
        if isinstance(before, layers.Flatten):  # Keras flattens channels last, ONNX channels first
            shape = before.input.shape[1:]
            kernel = kernel.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
        inputs = [source, self.constant(layer.name + "/kernel", kernel), self.constant(layer.name + "/bias", bias)]
        return self.activate(self.node("Gemm", inputs, layer.name), layer.activation, layer.name + "/activation")

    def layer(self, layer):
        """Writes a layer and returns the name of its output."""
        if isinstance(layer, layers.InputLayer):
            return "input"
        sources = [self.names[name] for name in self.sources(layer)]
        name = layer.name
        match layer:
            case layers.ZeroPadding2D():
                (top, bottom), (left, right) = layer.padding
                self.padding[name] = [top, left, bottom, right]
                return sources[0]
            case layers.BatchNormalization() | layers.Dropout():
                return sources[0]
            case layers.Conv2D() | layers.DepthwiseConv2D():
                return self.convolution(layer, sources[0])
            case layers.Dense():
                return self.dense(layer, sources[0])
            case layers.Activation():
                return self.activate(sources[0], layer.activation, name)
            case layers.ReLU():
                limits = [self.constant(name + "/low", 0.0), self.constant(name + "/high", layer.max_value)]
                return self.node("Clip", sources + limits, name)
            case layers.Add():
                return self.node("Add", sources, name)
            case layers.MaxPooling2D():
                # Only behind a ReLU here, where Keras' zeros and ONNX' minus infinity at the border are the same.
                return self.node(
                    "MaxPool", sources, name, kernel_shape=list(layer.pool_size), strides=list(layer.strides),
                    pads=self.padding.get(self.sources(layer)[0], [0, 0, 0, 0]))
            case layers.GlobalAveragePooling2D():
                output = self.node("GlobalAveragePool", sources, name)
                return output if layer.keepdims else self.node("Flatten", [output], name + "/flat")
            case layers.Flatten() | layers.Reshape():
                return self.node("Flatten", sources, name)
        raise NotImplementedError(f"{name}: no ONNX form for {type(layer).__name__}")

    def write(self, path):
        for layer in self.model.layers:
            self.names[layer.name] = self.layer(layer)
        output = self.names[self.model.layers[-1].name]
        height, width, channels = self.model.input.shape[1:]
        graph = helper.make_graph(
            self.nodes, self.model.name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", channels, height, width])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", self.model.output.shape[-1]])],
            self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def write_onnx(model, path):
    """Writes `model` (an application with a classifier) to `path`; the input, named `input`, is channels first."""
    OnnxWriter(model).write(path)
