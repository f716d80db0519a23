"""Keras applications as ONNX, in the form inference engines like best (see make_models.py)."""

import keras
import numpy as np
import onnx
from keras import layers
from onnx import TensorProto, helper, numpy_helper


class OnnxWriter:
    """One functional Keras model, read layer by layer in topological order."""

    def __init__(self, model):
        self.model = model._functional if isinstance(model, keras.Sequential) else model
        self.nodes, self.constants = [], []
        self.names = {}  # layer name: name of its output in the ONNX graph
        self.padding = {}  # name of a padding layer: [top, left, bottom, right], for the layer behind it
        self.normalization = {}  # name of a convolution: the BatchNormalization behind it
        # Layers, and what was written as `x + y`.
        self.operations = {operation.name: operation for operation in self.model.operations}
        readers = {}
        for layer in self.model.operations:
            for name in [] if isinstance(layer, layers.InputLayer) else self.sources(layer):
                readers.setdefault(name, []).append(layer)
        for name, behind in readers.items():
            convolves = isinstance(self.operations[name], (layers.Conv2D, layers.DepthwiseConv2D))
            if convolves and len(behind) == 1 and isinstance(behind[0], layers.BatchNormalization):
                self.normalization[name] = behind[0]

    def sources(self, layer):
        return [tensor._keras_history.operation.name for tensor in layer._inbound_nodes[0].input_tensors]

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def activate(self, source, activation, output):
        if activation is keras.activations.linear:
            return source
        if activation is keras.activations.silu:
            return self.node("Mul", [source, self.node("Sigmoid", [source], output + "/sigmoid")], output)
        if activation is keras.activations.gelu:
            half, one = self.constant(output + "/half", 0.5), self.constant(output + "/one", 1.0)
            scaled = self.node("Mul", [source, self.constant(output + "/scale", 0.5**0.5)], output + "/scaled")
            shifted = self.node("Add", [self.node("Erf", [scaled], output + "/erf"), one], output + "/shifted")
            return self.node("Mul", [self.node("Mul", [source, shifted], output + "/product"), half], output)
        operator = {
            keras.activations.relu: "Relu", keras.activations.softmax: "Softmax",
            keras.activations.sigmoid: "Sigmoid"}[activation]
        return self.node(operator, [source], output)

    def per_channel(self, operator, source, name, values):
        """Combines channels first images with one number a channel."""
        return self.node(operator, [source, self.constant(name + "/values", np.reshape(values, (-1, 1, 1)))], name)

    def statistics(self, layer):
        """Gamma, beta, mean and variance of a BatchNormalization."""
        values = {weight.name: weight.numpy() for weight in layer.weights}
        ones = np.ones_like(values["moving_mean"])
        return values.get("gamma", ones), values.get("beta", 0 * ones), values["moving_mean"], values["moving_variance"]

    def batch_normalization(self, layer, source):
        if self.normalization.get(self.sources(layer)[0]) is layer:
            return source
        names = ["gamma", "beta", "mean", "variance"]
        inputs = [source] + [
            self.constant(f"{layer.name}/{name}", values) for name, values in zip(names, self.statistics(layer))]
        return self.node("BatchNormalization", inputs, layer.name, epsilon=layer.epsilon)

    def channels_last(self, source, name):
        return self.node("Transpose", [source], name + "/last", perm=[0, 2, 3, 1])

    def channels_first(self, source, name):
        return self.node("Transpose", [source], name + "/first", perm=[0, 3, 1, 2])

    def layer_normalization(self, layer, source):
        gamma, beta = (self.constant(f"{layer.name}/{weight.name}", weight.numpy()) for weight in layer.weights)
        is_image = len(layer.input.shape) == 4
        values = self.channels_last(source, layer.name) if is_image else source
        result = self.node("LayerNormalization", [values, gamma, beta], layer.name, axis=-1, epsilon=layer.epsilon)
        return self.channels_first(result, layer.name) if is_image else result

    def convolution(self, layer, source):
        depthwise = isinstance(layer, layers.DepthwiseConv2D)
        values = layer.get_weights()
        kernel, bias = values[0], values[1] if layer.use_bias else np.zeros(layer.output.shape[-1])
        # To (outputs, inputs per group, height, width).
        kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
        if batch_norm := self.normalization.get(layer.name):
            gamma, beta, mean, variance = self.statistics(batch_norm)
            scale = gamma / np.sqrt(variance + batch_norm.epsilon)
            kernel, bias = kernel * scale[:, None, None, None], (bias - mean) * scale + beta
        height, width = layer.kernel_size
        inputs = [source, self.constant(layer.name + "/kernel", kernel), self.constant(layer.name + "/bias", bias)]
        output = self.node(
            "Conv", inputs, layer.name, kernel_shape=[height, width], strides=list(layer.strides),
            pads=self.pads(layer), group=kernel.shape[0] if depthwise else layer.groups)
        return self.activate(output, layer.activation, layer.name + "/activation")

    def pads(self, layer):
        """Padding of a convolution or pooling, with that of the padding layer before it."""
        if layer.padding == "valid":
            return self.padding.get(self.sources(layer)[0], [0, 0, 0, 0])
        before, after = [], []
        windows = layer.pool_size if hasattr(layer, "pool_size") else layer.kernel_size
        for size, kernel, stride in zip(layer.input.shape[1:3], windows, layer.strides):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def dense(self, layer, source):
        kernel, bias = layer.get_weights()
        if len(layer.input.shape) == 4:  # one product for each position, which is a convolution of one place
            inputs = [
                source, self.constant(layer.name + "/kernel", kernel.T[:, :, None, None]),
                self.constant(layer.name + "/bias", bias)]
            output = self.node("Conv", inputs, layer.name, kernel_shape=[1, 1])
            return self.activate(output, layer.activation, layer.name + "/activation")
        before = self.operations[self.sources(layer)[0]]
        if isinstance(before, layers.Flatten):  # Keras flattens channels last, ONNX channels first
            shape = before.input.shape[1:]
            kernel = kernel.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
        inputs = [source, self.constant(layer.name + "/kernel", kernel), self.constant(layer.name + "/bias", bias)]
        return self.activate(self.node("Gemm", inputs, layer.name), layer.activation, layer.name + "/activation")

    def layer(self, layer):
        """Writes a layer and returns the name of its output."""
        sources = [self.names[name] for name in self.sources(layer)]
        name = layer.name
        match layer:
            case layers.ZeroPadding2D():
                (top, bottom), (left, right) = layer.padding
                self.padding[name] = [top, left, bottom, right]
                return sources[0]
            case layers.BatchNormalization():
                return self.batch_normalization(layer, sources[0])
            case layers.Dropout():
                return sources[0]
            case layers.LayerNormalization():
                return self.layer_normalization(layer, sources[0])
            case layers.Conv2D() | layers.DepthwiseConv2D():
                return self.convolution(layer, sources[0])
            case layers.Rescaling():
                scale, offset = np.ravel(layer.scale), np.ravel(layer.offset)
                scaled = self.per_channel("Mul", sources[0], name + "/scaled", scale)
                return self.per_channel("Add", scaled, name, offset) if offset.any() else scaled
            case layers.Normalization():
                shifted = self.per_channel("Sub", sources[0], name + "/shifted", layer.mean)
                scale = np.maximum(np.sqrt(layer.variance), keras.backend.epsilon())
                return self.per_channel("Div", shifted, name, scale)
            case _ if type(layer).__name__ == "LayerScale":
                return self.per_channel("Mul", sources[0], name, layer.gamma.numpy())
            case _ if type(layer).__name__ == "Functional" or isinstance(layer, keras.Sequential):
                return self.nested(layer, sources[0])
            case layers.Dense():
                return self.dense(layer, sources[0])
            case layers.Activation():
                return self.activate(sources[0], layer.activation, name)
            case layers.ReLU():
                limits = [self.constant(name + "/low", 0.0), self.constant(name + "/high", layer.max_value)]
                return self.node("Clip", sources + limits, name)
            case _ if type(layer).__name__ == "Add":
                return self.node("Add", sources, name)
            case layers.Multiply():
                return self.node("Mul", sources, name)
            case layers.Concatenate():
                return self.node("Concat", sources, name, axis=1)
            case layers.MaxPooling2D():
                # Padded by zeros only behind a ReLU here, where they and ONNX' minus infinity are the same.
                return self.node("MaxPool", sources, name, **self.pooling(layer))
            case layers.AveragePooling2D():
                return self.node("AveragePool", sources, name, count_include_pad=0, **self.pooling(layer))
            case layers.GlobalAveragePooling2D():
                output = self.node("GlobalAveragePool", sources, name)
                return output if layer.keepdims else self.node("Flatten", [output], name + "/flat")
            case layers.Reshape() if len(layer.target_shape) == 3:  # squeeze and excitation
                shape = numpy_helper.from_array(np.array([0, -1, 1, 1]), name + "/shape")
                self.constants.append(shape)
                return self.node("Reshape", [sources[0], shape.name], name)
            case layers.Flatten() | layers.Reshape():
                return self.node("Flatten", sources, name)
        raise NotImplementedError(f"{name}: no ONNX form for {type(layer).__name__}")

    def pooling(self, layer):
        return dict(kernel_shape=list(layer.pool_size), strides=list(layer.strides), pads=self.pads(layer))

    def nested(self, model, source):
        """A model that is a layer, one layer after the other."""
        inner = OnnxWriter(model)
        inner.nodes, inner.constants = self.nodes, self.constants
        return inner.write_layers(source)

    def write_layers(self, source):
        output = source
        for layer in self.model.operations:
            output = self.names[layer.name] = source if isinstance(layer, layers.InputLayer) else self.layer(layer)
        return output

    def write(self, path):
        output = self.write_layers("input")
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
