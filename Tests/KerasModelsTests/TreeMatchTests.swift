import Foundation
import KerasFiles
import Synchronization
import Testing

@testable import KerasModels

/// Weights by object path (`.weights.h5`, `.keras`): all or none, and every difference together.
struct TreeMatchTests {
  private static func model(units: Int = 4, name: String = "mlp") throws(KerasError) -> Model {
    try Session.withFresh { () throws(KerasError) in
      let x = Input(shape: [2])
      let inner = Sequential(
        [InputLayer(batchShape: [nil, 3]), Dense(units: 3, name: "deep"), BatchNormalization(name: "norm")],
        name: "inner")
      let y = Dense(units: units, name: "last")(inner(Dense(units: 3, name: "first")(x)))
      let model = try Model(inputs: x, outputs: y, name: name)
      try model.fillWithPatterns()
      return model
    }
  }

  /// Runs `body` with the file that `tree` makes.
  private func withFile(_ tree: StoredObject, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "m.weights.h5").path
    try tree.write(toWeightsPath: path)
    try body(path)
  }

  private static func edited(
    _ path: String, _ edit: (inout StoredObject) -> Void
  ) throws(KerasError) -> StoredObject {
    func change(_ object: inout StoredObject, _ keys: ArraySlice<Substring>) {
      guard let key = keys.first else { return edit(&object) }
      if var child = object[String(key)] {
        change(&child, keys.dropFirst())
        object[String(key)] = child
      }
    }
    var tree = try model().storedTree()
    change(&tree, path.split(separator: "/")[...])
    return tree
  }

  private func values(_ model: Model) -> [[Float]] { model.weights.map { $0.value.scalars() } }

  /// What a person reads; the model must be as before.
  private func refusal(of tree: StoredObject, skipsMismatches: Bool = false) throws -> String? {
    let model = try Self.model()
    for weight in model.weights { try weight.assign(Tensor(repeating: Float(7), shape: weight.shape)) }
    let before = values(model)
    var text: String?
    try withFile(tree) { path in
      text = message { () throws(KerasError) in
        try model.loadWeights(from: path, skipsMismatches: skipsMismatches)
      }
    }
    #expect(values(model) == before)
    return text
  }

  private static let remedy = """

      try: build the model with the arguments these weights were made with (classes, size, alpha, includeTop), or skip \
    what does not fit (skipsMismatches).
    """

  @Test func takesWhatFits() throws {
    let (saved, loaded) = (try Self.model(), try Self.model())
    for weight in loaded.weights { try weight.assign(Tensor(repeating: Float(7), shape: weight.shape)) }
    try withFile(saved.storedTree()) { path in try loaded.loadWeights(from: path) }
    #expect(values(loaded) == values(saved))
  }

  @Test func oneShapeInTheLastLayerLeavesTheFirstAlone() throws {
    let tree = try Self.edited("layers/dense_1") { $0.variables[0] = StoredWeight(name: "0", Tensor(zeros: [3, 5])) }
    #expect(
      try refusal(of: tree) == """
        Expected shape (3, 4), found (3, 5).
          in: m.weights.h5 › last (in the file: layers/dense_1) › kernel
        """ + Self.remedy)
  }

  @Test func everyDifferenceIsReportedTogether() throws {
    var tree = try Self.edited("layers/sequential/layers") { layers in
      layers["dense"]?.variables.removeLast()
      layers["batch_normalization"] = nil
    }
    tree["layers"]?["dense"]?.variables[1] = StoredWeight(name: "1", Tensor(zeros: [3], .int32))
    tree["layers"]?["dense_2"] = StoredObject(name: "more", tensors: [Tensor(zeros: [4, 4])])
    #expect(
      try refusal(of: tree) == """
        The weights do not fit the model, in 4 places:
          inner/norm › The layer is in the model, but not in the file.
          layers/dense_2 › The layer is in the file, but not in the model.
          first (in the file: layers/dense) › bias › Expected float32, found int32.
          inner/deep (in the file: layers/sequential/layers/dense) › Expected 2 weights (kernel, bias), found 1 weight (0).
          in: m.weights.h5
        """ + Self.remedy)
  }

  /// Keras 3 passes over what the model has no layer for, which also hides weights of another model.
  @Test func layersBeyondTheModelAreRefused() throws {
    let tree = try Self.edited("layers") { $0["dense_2"] = StoredObject(name: "more", tensors: [Tensor(zeros: [4, 4])]) }
    #expect(
      try refusal(of: tree) == """
        The layer is in the file, but not in the model.
          in: m.weights.h5 › layers/dense_2
        """ + Self.remedy)
  }

  @Test func optimizersAndRandomGeneratorsAreNoLayers() throws {
    var tree = try Self.edited("layers/dense") { dense in
      dense["seed_generator"] = StoredObject(name: "seed_generator", tensors: [Tensor(zeros: [2], .int32)])
    }
    tree["optimizer"] = StoredObject(name: "adam", tensors: [Tensor(zeros: [], .int64)])
    let model = try Self.model()
    try withFile(tree) { path in try model.loadWeights(from: path) }
  }

  @Test func whatIsOutsideOfLayersIsPassedOverWithAWarning() throws {
    let tree = try Self.edited("") { $0["tracker"] = StoredObject(name: "tracker", tensors: [Tensor(zeros: [])]) }
    #expect(
      try warnings(of: tree) == ["m.weights.h5: the model has nothing for `tracker`, which is passed over."])
  }

  @Test func whatDoesNotFitIsSkippedWhenAsked() throws {
    let tree = try Self.edited("layers") { layers in
      layers["dense"]?.variables[0] = StoredWeight(name: "0", Tensor(zeros: [2, 9]))
      layers["dense_2"] = StoredObject(name: "more", tensors: [Tensor(zeros: [4, 4])])
    }
    #expect(
      try warnings(of: tree, skipsMismatches: true) == [
        "Skipped layers/dense_2: The layer is in the file, but not in the model.",
        "Skipped first (in the file: layers/dense) › kernel: Expected shape (2, 3), found (2, 9).",
      ])
  }

  @Test func numbersThatAreNoneAreTakenWithAWarning() throws {
    let tree = try Self.edited("layers/dense_1") { $0.variables[1] = StoredWeight(name: "1", Tensor([0, .nan, 0, 0])) }
    #expect(
      try warnings(of: tree) == [
        "m.weights.h5 has weights that are not finite (NaN or infinity): last (in the file: layers/dense_1)/bias."
      ])
  }

  @Test func otherNumberTypesAreConvertedWithAWarning() throws {
    let tree = try Self.edited("layers/dense_1") {
      $0.variables[1] = StoredWeight(name: "1", Tensor([1, 2, 3, 4] as [Double]))
    }
    #expect(
      try warnings(of: tree) == [
        "last (in the file: layers/dense_1)/bias: stored as float64, converted to float32."
      ])
  }

  /// An integer that does not fit, in the last layer: the first keeps its weights.
  @Test func integersOutOfRangeAreRefused() throws {
    let steps = Sequential([InputLayer(batchShape: [nil, 2]), Dense(units: 2, name: "first"), Counter(name: "counter")])
    let before = values(steps)
    var tree = try steps.storedTree()
    tree["layers"]?["counter"]?.variables[0] = StoredWeight(name: "0", try Tensor([Int64(1) << 40]).reshapedToScalar())
    tree["layers"]?["dense"]?.variables[1] = StoredWeight(name: "1", Tensor([5.0, 5.0]))
    try withFile(tree) { path in
      #expect(
        message { () throws(KerasError) in try steps.loadWeights(from: path) } == """
          Numbers of type int64 do not fit into int32.
            in: m.weights.h5 › counter (in the file: layers/counter) › steps
          """)
    }
    #expect(values(steps) == before)
  }

  @Test func aTruncatedFileChangesNothing() throws {
    let model = try Self.model()
    for weight in model.weights { try weight.assign(Tensor(repeating: Float(7), shape: weight.shape)) }
    let before = values(model)
    try withFile(Self.model().storedTree()) { path in
      let bytes = try Data(contentsOf: URL(filePath: path))
      for part in 1..<16 {
        try bytes.prefix(bytes.count * part / 16).write(to: URL(filePath: path))
        #expect(throws: KerasError.self) { try model.loadWeights(from: path) }
      }
    }
    #expect(values(model) == before)
  }

  /// A layer's own arrays come with the weights or not at all.
  @Test func namedArraysAreTakenBackWhenOneIsRefused() throws {
    let keeper = Keeper(name: "keeper")
    let model = Sequential([InputLayer(batchShape: [nil, 2]), keeper, Dense(units: 2), Keeper(name: "strict", accepts: false)])
    var tree = try model.storedTree()
    tree["layers"]?["keeper"]?.variables = [StoredWeight(name: "table", Tensor([9]))]
    let before = values(model)
    try withFile(tree) { path in
      #expect(
        message { () throws(KerasError) in try model.loadWeights(from: path) } == """
          No such table.
            in: strict
          """)
    }
    #expect(keeper.table == 0)
    #expect(values(model) == before)
  }

  private func warnings(of tree: StoredObject, skipsMismatches: Bool = false) throws -> [String] {
    let model = try Self.model()
    let heard = Mutex<[String]>([])
    try withFile(tree) { path in
      try Warnings.withHandler({ text in heard.withLock { $0.append(text) } }) { () throws(KerasError) in
        try model.loadWeights(from: path, skipsMismatches: skipsMismatches)
      }
    }
    return heard.withLock { $0 }
  }
}

extension Tensor {
  fileprivate func reshapedToScalar() throws(KerasError) -> Tensor { try reshaped(to: []) }
}

/// Has an integer among its weights.
private final class Counter: Layer, @unchecked Sendable {
  override func build(for inputs: [TensorSpec]) throws {
    addWeight("steps", shape: [], initializer: .zeros, dataType: .int32)
  }
  override func call(_ x: Value, in context: CallContext) throws -> Value { x }
}

/// Keeps an array under a name of its own.
private final class Keeper: Layer, @unchecked Sendable {
  private(set) var table: Float = 0
  private let accepts: Bool

  init(name: String, accepts: Bool = true) {
    self.accepts = accepts
    super.init(name: name)
  }

  override func call(_ x: Value, in context: CallContext) throws -> Value { x }
  override var namedArrays: [String: Tensor] { ["table": Tensor([table])] }
  override var arrayNames: [String] { ["table"] }
  override func loadArrays(_ arrays: [String: Tensor]) throws {
    guard accepts else { throw KerasError(.invalidFile, "No such table.") }
    table = arrays["table"]?.scalars(as: Float.self).first ?? 0
  }
}
