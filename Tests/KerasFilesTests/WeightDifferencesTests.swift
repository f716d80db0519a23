import Foundation
import KerasCore
import Testing

@testable import KerasFiles

struct WeightDifferencesTests {
  private func weight(_ name: String, _ values: [Float]) -> StoredWeight {
    StoredWeight(name: name, Tensor(values))
  }

  @Test func everyKindOfDifferenceIsFound() throws {
    let first = [
      StoredLayer(
        name: "dense",
        weights: [
          weight("dense/kernel:0", [1, 2]), weight("dense/bias:0", [0]), weight("dense/scale:0", [1]),
        ]),
      StoredLayer(name: "norm", weights: [weight("gamma", [1, .nan]), weight("beta", [1, .nan])]),
      StoredLayer(name: "old", weights: [weight("w", [1])]),
    ]
    let second = [
      StoredLayer(
        name: "dense",
        weights: [
          weight("model/dense/bias", [0]), weight("model/dense/kernel", [1, 2.5]),
          weight("model/dense/scale", [1, 1]),
        ]),
      StoredLayer(name: "norm", weights: [weight("gamma", [1, 3]), weight("beta", [1, .nan])]),
      StoredLayer(name: "new", weights: [weight("w", [1])]),
    ]
    let rows = try WeightDifferences.rows(first, second)
    #expect(
      rows.map { "\($0.layer) \($0.weight) \($0.finding) \($0.largestDifference ?? -1)" } == [
        "dense dense/kernel:0 values 0.5", "dense dense/bias:0 same 0.0", "dense dense/scale:0 shape -1.0",
        "norm gamma notFinite -1.0", "norm beta same 0.0", "old w onlyInFirst -1.0",
        "new w onlyInSecond -1.0",
      ])
  }

  @Test func differencesArePrinted() throws {
    try withFile([], named: "a.weights.h5") { (path) throws in
      let other = path + ".weights.h5"
      var model = StoredObjectTests.model
      try model.write(toWeightsPath: path)
      var layers = try #require(model["layers"])
      layers["dense"]?.variables[1] = StoredWeight(name: "1", Tensor(zeros: [4], .float64))
      layers["input_layer"]?.variables = [weight("0", [1])]
      model["layers"] = layers
      try model.write(toWeightsPath: other)
      let differences = try WeightDifferences(between: path, and: other)
      #expect(!differences.areNone)
      #expect(
        differences.table == """
          Layer               Weight  First            Second        Largest difference
          layers/dense        1       (300,) bfloat16  (4,) float64  other shape
          layers/input_layer  0       –                (1,) float32  only in the second

          2 of 6 weights differ.
          """)
      #expect(try WeightDifferences(between: path, and: path).table == "All 5 weights are the same.")
      let json = try JSONEncoder().encode(differences)
      #expect(try JSONDecoder().decode(WeightDifferences.self, from: json) == differences)
    }
  }

  @Test func layersAndObjectsGoTogetherByName() throws {
    try withFile([], named: "a.weights.h5") { (path) throws in
      let other = path + "-legacy.h5"
      let kernel = Tensor([1, 2, 3] as [Float])
      var (dense, norm) = (
        StoredObject(name: "scores", tensors: [kernel]), StoredObject(name: "n", tensors: [kernel])
      )
      func tree() -> StoredObject {
        let layers = StoredObject.container([.init("batch_normalization", norm), .init("dense", dense)])
        return StoredObject(name: "model", children: [.init("layers", layers)])
      }
      try tree().write(toWeightsPath: path)
      let layers = [
        StoredLayer(name: "input", weights: []),
        StoredLayer(
          name: "scores", weights: [StoredWeight(name: "scores/kernel:0", Tensor([1, 2, 4] as [Float]))]),
        StoredLayer(name: "n", weights: [StoredWeight(name: "n/gamma:0", kernel)]),
      ]
      try LegacyFileDraft(layers: layers).write(to: other)
      for (first, second) in [(path, other), (other, path)] {
        let rows = try WeightDifferences(between: first, and: second).rows
        #expect(
          Set(rows.map { "\($0.layer) \($0.finding) \($0.largestDifference ?? -1)" }) == [
            "scores values 1.0", "n same 0.0",
          ])
      }
      // A layer of parts: files sort them by name, and the order of their weights is lost.
      dense.children = [.init("cell", StoredObject(tensors: [kernel]))]
      try tree().write(toWeightsPath: path)
      #expect(
        message { _ = try WeightDifferences(between: path, and: other) }?.hasPrefix(
          "One file stores weights by layer, the other by the path of objects. The weights of `layers/dense` have no "
            + "certain order.\n") == true)
      (dense.children, norm.name) = ([], nil)
      try tree().write(toWeightsPath: path)
      #expect(
        message { _ = try WeightDifferences(between: path, and: other) }?.contains(
          "The weights of `layers/batch_normalization` have no certain order.") == true)
    }
  }

  @Test func architecturesAreCompared() throws {
    try withFile([], named: "a.h5") { (path) throws in
      var draft = LegacyFileDraftTests.draft
      draft.architecture = ["class_name": "Sequential"]
      try draft.write(to: path)
      draft.architecture = ["class_name": "Functional"]
      try draft.write(to: path + "2")
      #expect(
        try WeightDifferences(between: path, and: path + "2").table == """
          All 3 weights are the same.
          The files describe different models.
          """)
      #expect(try WeightDifferences(between: path, and: path).haveSameArchitecture == true)
    }
  }

  @Test func integersAreComparedExactly() {
    let a = Tensor([Int64.min, 5, (1 << 60) + 1]), b = Tensor([Int64.min, 5, 1 << 60])
    #expect(a.largestDifference(to: b) == 1)
    #expect(Tensor([Int64.max]).largestDifference(to: Tensor([Int64.min])) == 0x1p64)
    #expect(Tensor([true]).largestDifference(to: Tensor([1 as Float])) == 0)
    #expect(Tensor([Float.infinity]).largestDifference(to: Tensor([Float.infinity])) == 0)
    #expect(Tensor([Float.infinity]).largestDifference(to: Tensor([1 as Float])) == .infinity)
  }
}
