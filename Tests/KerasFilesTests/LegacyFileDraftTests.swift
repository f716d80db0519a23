import Foundation
import KerasCore
import Testing

@testable import KerasFiles

struct LegacyFileDraftTests {
  static func weight(_ name: String, _ shape: [Int], _ dataType: DataType = .float32) -> StoredWeight {
    StoredWeight(name: name, HDF5DraftTests.pattern(dataType, shape, seed: UInt64(name.utf8.count)))
  }

  static var draft: LegacyFileDraft {
    LegacyFileDraft(layers: [
      StoredLayer(name: "input", weights: []),
      StoredLayer(
        name: "conv1/bn", weights: [weight("conv1/bn/gamma:0", [4]), weight("conv1/bn/beta:0", [4])]),
      StoredLayer(name: "conv1", weights: [weight("conv1/kernel", [3, 3, 1, 4], .float16)]),
    ])
  }

  @Test func weightsAloneAreReadBack() throws {
    try withFile([]) { (path) throws in
      try Self.draft.write(to: path)
      let file = try LegacyWeightFile(path: path)
      #expect(!file.isModel)
      #expect((file.kerasVersion, file.backend) == ("3.15.1", "tensorflow"))
      #expect(try file.optimizerWeights().isEmpty)
      try expectSame(file.layers, Self.draft.layers)
    }
  }

  @Test func wholeModelsAreReadBack() throws {
    var draft = Self.draft
    draft.architecture = ["class_name": "Sequential", "config": ["name": "é", "rate": 0.5]]
    draft.training = ["loss": "mse"]
    draft.optimizerWeights = [Self.weight("adam/iteration", [], .int64), Self.weight("adam/m", [4])]
    draft.topLevelWeights = [Self.weight("scale", [1])]
    draft.kerasVersion = "2.15.0"
    try withFile([]) { (path) throws in
      try draft.write(to: path)
      let copy = try LegacyFileDraft(LegacyWeightFile(path: path))
      #expect(copy.architecture == draft.architecture)
      #expect(copy.training == draft.training)
      #expect((copy.kerasVersion, copy.backend) == ("2.15.0", "tensorflow"))
      try expectSame(copy.layers, draft.layers)
      try expectSame(
        [StoredLayer(name: "", weights: copy.optimizerWeights + copy.topLevelWeights)],
        [StoredLayer(name: "", weights: draft.optimizerWeights + draft.topLevelWeights)])
    }
  }

  @Test func fileToValuesToFileKeepsEveryBit() throws {
    let files = ["weights.h5", "variable_strings.h5", "model.h5", "nested.h5", "pieces.h5", "half.h5"]
    for path in files.map(fixture) + sharedFiles(in: "golden/saved", ending: "h5.h5") {
      let original = try LegacyWeightFile(path: path)
      try withFile([]) { (copyPath) throws in
        try LegacyFileDraft(original).write(to: copyPath)
        let copy = try LegacyWeightFile(path: copyPath)
        try expectSame(copy.layers, original.layers)
        try expectSame(
          [StoredLayer(name: "", weights: copy.optimizerWeights())],
          [StoredLayer(name: "", weights: original.optimizerWeights())])
        #expect(try copy.architecture() == original.architecture())
        #expect(try copy.training() == original.training())
      }
    }
  }

  @Test func brokenJSONIsToldWithItsPlace() throws {
    try withFile([]) { (path) throws in
      var draft = HDF5Draft()
      draft.setAttribute("layer_names", .strings([]), of: "")
      draft.setAttribute("model_config", .string("{"), of: "")
      try draft.write(to: path)
      let file = try LegacyWeightFile(path: path)
      #expect(
        message { _ = try file.architecture() } == """
          The JSON cannot be read: line 1, column 2: expected a key in quotation marks, found the end of the text.
            in: weights.h5 › model_config
          """)
    }
  }

  @Test func namesThatStandTwiceAreRefused() {
    let layer = StoredLayer(name: "a", weights: [Self.weight("k", [1]), Self.weight("k", [1])])
    #expect(
      message { try LegacyFileDraft(layers: [layer]).write(to: "/tmp/none.h5") }
        == "Two things have one name.\n  in: a/k")
  }
}

/// The same layers with the same weights, to the last bit.
func expectSame(_ layers: [StoredLayer], _ others: [StoredLayer]) throws {
  #expect(layers.map(\.name) == others.map(\.name))
  for (layer, other) in zip(layers, others) {
    #expect(layer.weights.map(\.name) == other.weights.map(\.name))
    for (weight, otherWeight) in zip(layer.weights, other.weights) {
      #expect(try weight.tensor().hasSameBits(as: otherWeight.tensor()), "\(layer.name)/\(weight.name)")
    }
  }
}
