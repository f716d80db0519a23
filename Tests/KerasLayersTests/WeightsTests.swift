import KerasModels
import Testing

/// Names, order and shapes of weights, which weight files rely on.
@Suite struct WeightsTests {
  typealias Case = LayerCase<[String]>

  static let cases = [
    Case("Dense", [nil, 4], ["layer/kernel [4, 7]", "layer/bias [7]"], Dense(units: 7, name: "layer")),
    Case(
      "Dense without bias", [nil, 4], ["layer/kernel [4, 7]"], Dense(units: 7, usesBias: false, name: "layer")
    ),
    Case(
      "Conv2D", [nil, 9, 9, 3], ["layer/kernel [5, 2, 3, 8]", "layer/bias [8]"],
      Conv2D(filters: 8, kernelSize: [5, 2], name: "layer")),
    Case(
      "Conv2D in groups", [nil, 9, 9, 6], ["layer/kernel [1, 1, 2, 9]"],
      Conv2D(filters: 9, kernelSize: 1, groups: 3, usesBias: false, name: "layer")),
    Case(
      "DepthwiseConv2D", [nil, 9, 9, 3], ["layer/kernel [3, 3, 3, 2]", "layer/bias [6]"],
      DepthwiseConv2D(kernelSize: 3, depthMultiplier: 2, name: "layer")),
    Case(
      "BatchNormalization", [nil, 9, 3],
      ["layer/gamma [3]", "layer/beta [3]", "layer/moving_mean [3]", "layer/moving_variance [3]"],
      BatchNormalization(name: "layer")),
    Case(
      "BatchNormalization without scale", [nil, 3],
      ["layer/beta [3]", "layer/moving_mean [3]", "layer/moving_variance [3]"],
      BatchNormalization(scales: false, name: "layer")),
    Case(
      "BatchNormalization without centre", [nil, 3],
      ["layer/gamma [3]", "layer/moving_mean [3]", "layer/moving_variance [3]"],
      BatchNormalization(centers: false, name: "layer")),
    Case("MaxPooling2D", [nil, 4, 4, 3], [], MaxPooling2D(name: "layer")),
    Case("Dropout", [nil, 4], [], Dropout(0.3, name: "layer")),
    Case("Flatten", [nil, 4, 4], [], Flatten(name: "layer")),
  ]

  @Test(arguments: cases) func namesOrderShapes(_ example: Case) throws {
    let layer = example.make()
    #expect(layer.weights.isEmpty && !layer.isBuilt)
    _ = try layer.outputSpecs(for: [TensorSpec(example.shape)])
    #expect(layer.weights.map { "\($0.path) \($0.shape)" } == example.expected)
    #expect(layer.parameterCount == layer.weights.reduce(0) { $0 + elementCountOf($1.shape) })
    #expect(layer.isBuilt)
  }

  @Test func initialValues() throws {
    let layer = BatchNormalization()
    _ = layer(Input(shape: [2]))
    #expect(layer.weights.map { $0.value.scalars(as: Float.self) } == [[1, 1], [0, 0], [0, 0], [1, 1]])
    let dense = Dense(units: 2, kernelInitializer: .constant(3), biasInitializer: .ones)
    _ = dense(Input(shape: [1]))
    #expect(dense.weights.map { $0.value.scalars(as: Float.self) } == [[3, 3], [1, 1]])
  }

  @Test func trainableOnesAndOthers() {
    let layer = BatchNormalization()
    _ = layer(Input(shape: [2]))
    #expect(layer.trainableWeights.map(\.name) == ["gamma", "beta"])
    #expect(layer.nonTrainableWeights.map(\.name) == ["moving_mean", "moving_variance"])
    layer.isTrainable = false
    #expect(layer.trainableWeights.isEmpty)
    #expect(layer.nonTrainableWeights.map(\.name) == ["gamma", "beta", "moving_mean", "moving_variance"])
  }

  @Test func callingTwiceSharesWeights() throws {
    let dense = Dense(units: 3)
    let (a, b) = (Input(shape: [4]), Input(shape: [4]))
    let model = try Model(inputs: [a, b], outputs: [dense(a), dense(b)])
    #expect(dense.calls.map(\.index) == [0, 1])
    #expect(model.weights.count == 2)
    #expect(model.parameterCount == 15)
  }

  @Test func freedCallsKeepTheirNumbers() {
    let dense = Dense(units: 3)
    _ = dense(Input(shape: [4]))
    let kept = dense(Input(shape: [4]))
    #expect(dense.calls.map(\.index) == [1])
    #expect(kept.shape == [nil, 3])
  }

  @Test func assigning() throws {
    let dense = Dense(units: 2, name: "d")
    _ = dense(Input(shape: [1]))
    let bias = try dense.weight("bias")
    let before = bias.lastAssignment
    try bias.assign(Tensor([1, 2] as [Float]))
    #expect(bias.value.scalars() == [1, 2] as [Float])
    #expect(bias.lastAssignment > before)
    let error = #expect(throws: KerasError.self) { try bias.assign(Tensor([1, 2, 3] as [Float])) }
    #expect(error?.description == "Expected float32(2,), found float32(3,).\n  in: d/bias")
    let unknown = #expect(throws: KerasError.self) { try dense.weight("scale") }
    #expect(unknown?.description == "The layer has no weight called `scale`.\n  in: d")
  }

  @Test func lastOutput() throws {
    let dense = Dense(units: 2, name: "d")
    let error = #expect(throws: KerasError.self) { try dense.output() }
    #expect(error?.description == "The layer has not been called yet, so it has no output.\n  in: d")
    let result = dense(Input(shape: [1]))
    #expect(try dense.output() == result)
  }
}
