import Foundation
import KerasLayers

/// A golden case of one layer: makes the layer from its settings, runs it on a backend, and compares everything the
/// case holds: outputs, masks, losses, gradients and changed weights.
public struct LayerCase {
  let golden: GoldenCase
  let backend: any Backend
  let layer: Layer
  let call: JSON
  private let arguments: CallArguments
  private let inputs: [Tensor]
  private let masks: [Tensor?]

  public init(_ golden: GoldenCase, on backend: any Backend) throws {
    self.golden = golden
    self.backend = backend
    layer = try Self.makeLayer(golden)
    call = try JSON(parsing: golden.text("call"))
    inputs = try golden.tensors(in: "inputs")
    let stored = Set(try golden.names(in: "masks"))
    masks = try inputs.indices.map { position in
      stored.contains("\(position)") ? try golden.tensor("masks/\(position)").converted(to: .bool) : nil
    }
    var options = call["kwargs"]?.object ?? [:]
    options["training"] = call["training"]
    arguments = CallArguments(names: call["inputs"]?.array?.compactMap(\.string) ?? [], options: options)
  }

  /// The layer of a case, in a session of its own.
  public static func makeLayer(_ golden: GoldenCase) throws -> Layer {
    let object = try SerializedObject(JSON(parsing: golden.text("config")))
    guard Layers.registry.contains(object.modernized(from: golden.version).className) else {
      throw UnsupportedGolden("the layer \(object.className)")
    }
    return try Session.withFresh { () throws(KerasError) in
      try Layers.deserialize(object, version: golden.version)
    }
  }

  public func check() throws {
    try learnFromData()
    if try checkTexts() { return }
    let specs = inputs.map(\.spec)
    let outputSpecs = try layer.outputSpecs(for: specs, arguments: arguments)
    let weights = try golden.tensors(in: "weights")
    if !weights.isEmpty || !layer.weights.isEmpty { try setWeights(weights) }
    let repetitions = call["repeat"]?.integer ?? 1
    for repetition in 1...repetitions {
      let isLast = repetition == repetitions
      let results = try run(differentiating: isLast)
      if isLast { try compare(results, outputSpecs) }
    }
    try compareWeightsAfter()
  }

  /// The layer's computation as a graph of its inputs, masks and weights, and their values.
  public func differentiable() throws -> (graph: Graph, inputs: [Tensor]) {
    _ = try layer.outputSpecs(for: inputs.map(\.spec), arguments: arguments)
    let weights = try golden.tensors(in: "weights")
    if !weights.isEmpty { try setWeights(weights) }
    let recorder = StepRecorder(isTraining: call["training"]?.bool ?? false)
    let step = try recorder.finish(returning: call(recorder).outputs)
    return (step.graph, inputs + masks.compactMap { $0 } + step.variables.map(\.value))
  }

  /// Records the layer's call on the case's inputs and masks.
  private func call(_ recorder: StepRecorder) throws -> (inputs: [Value], outputs: [Value], masks: [Value?]) {
    let values = inputs.map { recorder.input($0.spec) }
    let maskValues = masks.map { $0.map { recorder.input($0.spec) } }
    let (outputs, masks) = try recorder.call(layer, on: values, masks: maskValues, arguments: arguments)
    return (values, outputs, masks)
  }

  private func setWeights(_ tensors: [Tensor]) throws {
    let names = try golden.attributes("name", in: "weights")
    let found = layer.weights.map(\.path)
    guard found.map(Self.lastPart) == names.map(Self.lastPart).map(todaysName) else {
      throw GoldenError("weights: expected \(names), found \(found)")
    }
    try layer.setWeights(zip(tensors, layer.weights).map { $0.converted(to: $1.dataType) })
  }

  /// The weight's own name; Keras 2 ends paths in `:0`.
  private static func lastPart(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(":0") ? String(name.dropLast(2)) : name
  }

  /// What Keras 3 calls a weight of the layer that Keras 2 called `name`.
  private func todaysName(_ name: String) -> String {
    layer is DepthwiseConvolutionLayer && name == "depthwise_kernel" ? "kernel" : name
  }

  private struct Results {
    var outputs: [Tensor] = []
    var masks: [Tensor?] = []
    var loss: Tensor?
    var inputGradients: [Int: Tensor] = [:]
    var weightGradients: [Tensor] = []
  }

  private func run(differentiating: Bool) throws -> Results {
    let recorder = StepRecorder(isTraining: call["training"]?.bool ?? false)
    let graph = recorder.graph
    let (values, outputs, outputMasks) = try call(recorder)
    var returned = outputs
    var positions: [String: Int] = [:]
    func give(_ value: Value, _ name: String) {
      positions[name] = returned.count
      returned.append(value)
    }
    for (index, mask) in outputMasks.enumerated() { if let mask { give(mask, "mask \(index)") } }
    if let loss = try recorder.addedLoss(of: layer) { give(loss, "loss") }
    let cotangents = try golden.tensors(in: "cotangents")
    if differentiating, !cotangents.isEmpty {
      let real = outputs.filter { graph.spec(of: $0).dataType.isFloatingPoint }
      let seeds = zip(real, cotangents).map { (output: $0, gradient: graph.constant($1)) }
      let gradients = try recorder.gradients(from: seeds, byValues: values, layer.trainableWeights)
      for (index, value) in values.enumerated() where graph.spec(of: value).dataType.isFloatingPoint {
        give(gradients.values[index], "input \(index)")
      }
      for (index, gradient) in gradients.variables.enumerated() { give(gradient, "weight \(index)") }
    }
    let session = try ResidentStates(on: backend).prepare(recorder.finish(returning: returned))
    let tensors = try session.step(inputs + masks.compactMap { $0 })
    var results = Results()
    results.outputs = Array(tensors.prefix(outputs.count))
    results.masks = outputMasks.indices.map { positions["mask \($0)"].map { tensors[$0] } }
    results.loss = positions["loss"].map { tensors[$0] }
    for index in values.indices {
      results.inputGradients[index] = positions["input \(index)"].map { tensors[$0] }
    }
    for index in layer.trainableWeights.indices {
      if let position = positions["weight \(index)"] { results.weightGradients.append(tensors[position]) }
    }
    return results
  }

  private func compare(_ results: Results, _ specs: [TensorSpec]) throws {
    if try golden.has("random") {
      guard let output = results.outputs.first else { throw GoldenError("no output") }
      return try golden.expectStatistics(of: output)
    }
    let names = try golden.names(in: "outputs")
    guard names.count == results.outputs.count else {
      throw GoldenError("expected \(names.count) outputs, found \(results.outputs.count)")
    }
    for (index, output) in results.outputs.enumerated() {
      try golden.expect(output, equals: "outputs/\(index)")
      guard specs[index].shape.accepts(output.shape) else {
        throw GoldenError("output \(index) was announced as \(specs[index]), and is \(output.spec)")
      }
    }
    for name in try golden.names(in: "output_masks") {
      guard let index = Int(name), results.masks.indices.contains(index), let mask = results.masks[index]
      else {
        throw GoldenError("output_masks/\(name): no mask")
      }
      try golden.expect(mask.converted(to: .uint8), equals: "output_masks/\(name)")
    }
    if try golden.has("added_loss") {
      guard let loss = results.loss else { throw GoldenError("added_loss: none was added") }
      try golden.expect(loss, equals: "added_loss")
    }
    for name in try golden.names(in: "grad_inputs") {
      guard let gradient = Int(name).flatMap({ results.inputGradients[$0] }) else {
        throw GoldenError("grad_inputs/\(name): none")
      }
      try golden.expect(gradient, equals: "grad_inputs/\(name)")
    }
    let count = try golden.names(in: "grad_weights").count
    if count > 0, count != results.weightGradients.count {
      throw GoldenError("expected \(count) gradients of weights, found \(results.weightGradients.count)")
    }
    for index in 0..<count {
      try golden.expect(results.weightGradients[index], equals: "grad_weights/\(index)")
    }
  }

  private func compareWeightsAfter() throws {
    let after = try golden.names(in: "weights_after")
    guard !after.isEmpty, try !golden.has("random") else { return }
    let weights = layer.weights
    guard after.count == weights.count else {
      throw GoldenError("expected \(after.count) weights afterwards, found \(weights.count)")
    }
    for (index, weight) in weights.enumerated() {
      try golden.expect(weight.value, equals: "weights_after/\(index)")
    }
  }
}

/// That a layer's settings, read and written again, are what Keras wrote.
public func checkLayerConfig(_ golden: GoldenCase) throws {
  guard golden.version == .keras3 else { return }
  let layer = try LayerCase.makeLayer(golden)
  let want = try SerializedObject(JSON(parsing: golden.text("config")))
  try expectSameSettings(.object(layer.serialized.config), .object(want.config), at: want.className)
}

/// Compares settings: every key Keras wrote must be there again with the same value.
public func expectSameSettings(_ got: JSON, _ want: JSON, at place: String) throws {
  if let wanted = want.object, let given = got.object {
    for (key, value) in wanted where !["build_config", "shared_object_id"].contains(key) {
      guard let found = given[key] else { throw GoldenError("\(place): the setting \(key) is missing") }
      try expectSameSettings(found, value, at: "\(place).\(key)")
    }
  } else if let wanted = want.array, let given = got.array, wanted.count == given.count {
    for (index, value) in wanted.enumerated() {
      try expectSameSettings(given[index], value, at: "\(place)[\(index)]")
    }
  } else if let wanted = want.number, let given = got.number {
    guard wanted == given || abs(wanted - given) <= 1e-7 * abs(wanted) else {
      throw GoldenError("\(place): expected \(want.text()), found \(got.text())")
    }
  } else if got != want {
    throw GoldenError("\(place): expected \(want.text()), found \(got.text())")
  }
}

extension GoldenCase {
  /// Which Keras computed it.
  public var version: KerasVersion {
    ((try? text("api")) ?? "") == "tf_keras" ? .keras2 : .keras3
  }

  /// Whether the case has an attribute or array of this name.
  public func has(_ name: String) throws -> Bool {
    try group.attribute(name) != nil || group.names.contains(name)
  }

  /// The arrays of a folder, `0`, `1`, ….
  public func tensors(in folder: String) throws -> [Tensor] {
    try names(in: folder).indices.map { try tensor("\(folder)/\($0)") }
  }

  /// An attribute of each array of a folder.
  func attributes(_ name: String, in folder: String) throws -> [String] {
    try names(in: folder).indices.map {
      try group.dataset(at: "\(folder)/\($0)").attribute(name)?.string ?? ""
    }
  }

  /// Checks a random result by what the case knows of it.
  public func expectStatistics(of tensor: Tensor) throws {
    let values: [Double] = tensor.scalars()
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count, 1))
    func expect(_ name: String, _ got: [Double]) throws {
      guard try has(name) else { return }
      try expectClose(
        Tensor(got).reshaped(to: self.tensor(name).shape), self.tensor(name), relative: relativeTolerance,
        absolute: absoluteTolerance, what: name)
    }
    try expect("mean", [mean])
    try expect("std", [variance.squareRoot()])
    if try has("shape") {
      let shape: [Int64] = try self.tensor("shape").scalars()
      guard tensor.shape.map(Int64.init) == shape else { throw GoldenError("shape: \(tensor.shape)") }
    }
    for (name, isInside) in [("min", { $0 >= $1 } as (Double, Double) -> Bool), ("max", { $0 <= $1 })]
    where try has(name) {
      let bound: [Double] = try self.tensor(name).scalars()
      guard values.allSatisfy({ isInside($0, bound[0]) }) else {
        throw GoldenError("\(name): a value is outside")
      }
    }
  }
}
