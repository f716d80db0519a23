import Foundation
import KerasFiles
import Testing

@testable import KerasModels

/// Weights in NumPy's `.npz`, by path.
struct ArrayWeightsTests {
  private static func model(units: Int = 2) throws(KerasError) -> Model {
    try Session.withFresh { () throws(KerasError) in
      let model = Sequential([InputLayer(batchShape: [nil, 3]), Dense(units: 3), Dense(units: units)], name: "mlp")
      try model.fillWithPatterns()
      return model
    }
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: "w.npz").path)
  }

  private func values(_ model: Model) -> [[Float]] { model.weights.map { $0.value.scalars() } }

  @Test func comeBackByTheirPaths() throws {
    let (saved, loaded) = (try Self.model(), try Self.model())
    for weight in loaded.weights { try weight.assign(Tensor(repeating: Float(7), shape: weight.shape)) }
    try withFile { path in
      try saved.saveWeights(to: path)
      #expect(try NumPy.loadArchive(path).keys.sorted() == [
          "mlp/dense/bias", "mlp/dense/kernel", "mlp/dense_1/bias", "mlp/dense_1/kernel",
        ])
      try loaded.loadWeights(from: path)
    }
    #expect(values(loaded) == values(saved))
  }

  @Test func whatDoesNotFitChangesNothing() throws {
    let model = try Self.model(units: 4)
    let before = values(model)
    try withFile { path in
      var arrays = try Self.model().weightsByPath()
      (arrays["mlp/dense/bias"], arrays["other"]) = (nil, Tensor([1.0]))
      try NumPy.saveArchive(arrays, to: path)
      #expect(
        message { () throws(KerasError) in try model.loadWeights(from: path) } == """
          The weights do not fit the model, in 4 places:
            mlp/dense/bias › The weight is in the model, but not in the file.
            other › The array is in the file, but not in the model.
            mlp/dense_1 › kernel › Expected shape (3, 4), found (3, 2).
            mlp/dense_1 › bias › Expected shape (4,), found (2,).
            in: w.npz
            try: build the model with the arguments these weights were made with (classes, size, alpha, includeTop), or \
          skip what does not fit (skipsMismatches).
          """)
    }
    #expect(values(model) == before)
  }

  /// A file would lose one of them.
  @Test func twoWeightsOfOnePathAreRefused() throws {
    func inner(_ name: String) throws -> Model {
      let x = Input(shape: [2])
      return try Model(inputs: x, outputs: Dense(units: 2, name: "own")(x), name: name)
    }
    let x = Input(shape: [2])
    let model = try Model(inputs: x, outputs: inner("b")(inner("a")(x)), name: "m")
    try withFile { path in
      #expect(
        message { () throws(KerasError) in try model.saveWeights(to: path) } == """
          Two weights are called `own/kernel`, and an .npz file holds one array of a name.
            in: m
            try: give layers of models inside the model different names, or use .weights.h5.
          """)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
