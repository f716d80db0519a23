import Foundation
import KerasCore
import Testing

@testable import KerasFiles

@Suite struct WeightMatchingTests {
  private static let remedy = """

      try: build the model with the arguments these weights were made with (classes, size, alpha, includeTop), \
    or load by name and skip what does not fit.
    """
  private static let network = [
    LayerSlots("input_1", []),
    LayerSlots("conv1", [.init("conv1/kernel", [3, 3, 1, 4]), .init("conv1/bias", [4])]),
    LayerSlots(
      "conv1_bn",
      [.init("gamma", [4]), .init("beta", [4]), .init("moving_mean", [4]), .init("moving_variance", [4])]),
    LayerSlots("relu", []),
    LayerSlots("predictions", [.init("predictions/kernel", [4, 10]), .init("predictions/bias", [10])]),
  ]

  private func stored(_ name: String, _ weights: [(String, Tensor)]) -> StoredLayer {
    StoredLayer(name: name, weights: weights.map { StoredWeight(name: $0.0, $0.1) })
  }
  private func zeros(_ shape: Int..., of dataType: DataType = .float32) -> Tensor {
    Tensor(zeros: shape, dataType)
  }

  private func match(
    _ model: [LayerSlots], _ layers: [StoredLayer], by matching: LayerMatching = .topology
  ) throws -> WeightMatch {
    try WeightMatch(model, with: layers, in: "file.h5", by: matching)
  }
  /// Which stored weight every slot got, in the model's order.
  private func names(_ match: WeightMatch) -> [String] { match.assignments.map(\.stored.name) }

  @Test func fillsAModelFromAFile() throws {
    let file = try LegacyWeightFile(path: fixture("weights.h5"))
    let match = try match(Self.network, file.layers)
    #expect(names(match) == file.layers.flatMap { $0.weights.map(\.name) })
    #expect(match.assignments.map(\.layer) == [1, 1, 2, 2, 2, 2, 4, 4])
    #expect(match.assignments.map(\.slot) == [0, 1, 0, 1, 2, 3, 0, 1])
    #expect(match.warnings == [])
    let (tensors, warnings) = try match.tensors(checksFinite: true)
    #expect(warnings == [])
    #expect(tensors[1].scalars(as: Float.self) == (0..<4).map { Float(sin(0.1 * Double($0) + 1)) })
  }

  @Test func matchesLayersInOrderWhateverTheirNames() throws {
    let model = [LayerSlots("block1_conv1", [.init("kernel", [3, 3, 1, 2]), .init("bias", [2])])]
    let match = try match(model, LegacyWeightFile(path: fixture("keras1.h5")).layers)
    #expect(names(match) == ["block1_conv1_W_1:0", "block1_conv1_b_1:0"])
    #expect(match.warnings == [])
  }

  @Test func matchesReorderedLayersByName() throws {
    let model = [LayerSlots("a", [.init("kernel", [2])]), LayerSlots("b", [.init("kernel", [2])])]
    let match = try match(
      model, [stored("b", [("b/kernel:0", zeros(2))]), stored("a", [("a/kernel:0", zeros(2))])])
    #expect(names(match) == ["a/kernel:0", "b/kernel:0"])
    #expect(match.warnings == ["The file has the same layers in another order; they were matched by name."])
  }

  @Test func matchesReorderedWeightsByName() throws {
    let model = [
      LayerSlots(
        "sub", [.init("sub/one/kernel", [2]), .init("sub/two/kernel", [2]), .init("sub/one/bias", [2])])
    ]
    let match = try match(
      model,
      [stored("sub", [("two/kernel:0", zeros(2)), ("one/kernel:0", zeros(2)), ("one/bias:0", zeros(2))])])
    #expect(names(match) == ["one/kernel:0", "two/kernel:0", "one/bias:0"])
    #expect(match.warnings == ["sub: the weights are stored in another order; they were matched by name."])
  }

  @Test func trustsOrderWhereNamesCannotFit() throws {
    let model = [LayerSlots("odd", [.init("a", [2]), .init("b", [3])])]
    let match = try match(model, [stored("odd", [("odd/b:0", zeros(2)), ("odd/a:0", zeros(3))])])
    #expect(names(match) == ["odd/b:0", "odd/a:0"])
    #expect(
      match.warnings == [
        "odd: the names of the weights suggest another order, but only the stored order fits."
      ])
  }

  @Test(
    arguments: [
      (["d/kernel:0", "d/bias:0"], ["bias", "kernel"], [1, 0]),
      (["forward/kernel:0", "backward/kernel:0"], ["bi/backward/kernel", "bi/forward/kernel"], [1, 0]),
      (["x_W_1:0", "x_b_1:0"], ["kernel", "bias"], nil),
      (["a/kernel", "b/kernel"], ["kernel", "kernel"], nil),
      (["kernel"], ["kernel", "bias"], nil), ([], [], []),
    ] as [([String], [String], [Int]?)])
  func ordersByTheLastPartsOfNames(stored: [String], slots: [String], order: [Int]?) {
    #expect(Comparison.orderByName(of: stored, in: slots) == order)
  }

  @Test func reportsOneDifferenceInItsPlace() throws {
    var model = Self.network
    model[4].slots[0].shape = [4, 1000]
    let file = try LegacyWeightFile(path: fixture("weights.h5"))
    #expect(
      message { _ = try self.match(model, file.layers) } == """
        Expected shape (4, 1000), found (4, 10).
          in: file.h5 › predictions › predictions/kernel
        """ + Self.remedy)
  }

  @Test func reportsEveryDifferenceTogether() {
    let model = [
      LayerSlots("stem", [.init("kernel", [3, 3]), .init("bias", [3])]),
      LayerSlots("bn", [.init("gamma", [3]), .init("beta", [3])]),
      LayerSlots("head", [.init("kernel", [3, 10]), .init("steps", [], .int32)]),
    ]
    let layers = [
      stored("stem", [("stem/kernel:0", zeros(3, 5)), ("stem/bias:0", zeros(5))]),
      stored("norm", [("norm/gamma:0", zeros(3))]),
      stored("head", [("head/kernel:0", zeros(3, 10, of: .int32)), ("head/steps:0", zeros())]),
    ]
    #expect(
      message { _ = try self.match(model, layers) } == """
        The weights do not fit the model, in 5 places:
          stem › kernel › Expected shape (3, 3), found (3, 5).
          stem › bias › Expected shape (3,), found (5,).
          bn (in the file: norm) › Expected 2 weights (gamma, beta), found 1 weight (norm/gamma:0).
          head › kernel › Expected float32, found int32.
          head › steps › Expected int32, found float32.
          in: file.h5
        """ + Self.remedy)
  }

  @Test func reportsMissingAndExtraLayers() {
    let model = [LayerSlots("a", [.init("kernel", [2])]), LayerSlots("b", [.init("kernel", [2])])]
    let a = stored("a", [("a/kernel:0", zeros(2))])
    #expect(
      message { _ = try self.match(model, [a]) } == """
        The weights do not fit the model, in 2 places:
          b › The layer is in the model, but not in the file.
          Expected 2 layers with weights, found 1.
          in: file.h5
        """ + Self.remedy)
    let wrong = stored("b", [("b/kernel:0", zeros(3))])
    let extra = stored("c", [("c/kernel:0", zeros(2))])
    #expect(
      message { _ = try self.match(model, [a, wrong, extra]) } == """
        The weights do not fit the model, in 3 places:
          c › The layer is in the file, but not in the model.
          Expected 2 layers with weights, found 3.
          b › kernel › Expected shape (2,), found (3,).
          in: file.h5
        """ + Self.remedy)
  }

  @Test func matchesByNameAndLeavesTheRestAlone() throws {
    let file = try LegacyWeightFile(path: fixture("weights.h5"))
    let model = [
      LayerSlots("new", [.init("kernel", [1])]),
      LayerSlots("predictions", [.init("kernel", [4, 2]), .init("bias", [10])]),
      LayerSlots("conv1_bn", [.init("gamma", [4])]), Self.network[1],
    ]
    let match = try match(model, file.layers, by: .byName(skipsMismatches: true))
    #expect(names(match) == ["predictions/bias:0", "conv1/kernel:0", "conv1/bias:0"])
    #expect(
      match.warnings == [
        "Skipped predictions › kernel: Expected shape (4, 2), found (4, 10).",
        "Skipped conv1_bn: Expected 1 weight (gamma), found 4 weights (conv1_bn/gamma:0, conv1_bn/beta:0, "
          + "conv1_bn/moving_mean:0, conv1_bn/moving_variance:0).",
      ])
    #expect(
      message { _ = try self.match(model, file.layers, by: .byName(skipsMismatches: false)) }?
        .hasPrefix("The weights do not fit the model, in 2 places:") == true)
    let strangers = try self.match([model[0]], file.layers, by: .byName(skipsMismatches: false))
    #expect(strangers.warnings == ["No layer of the model has weights in the file: no name is the same."])
  }

  @Test func convertsOtherElementTypesWithAWarning() throws {
    let model = [
      LayerSlots("dense", [.init("kernel", [2, 3]), .init("bias", [3])]),
      LayerSlots("counter", [.init("count", [], .int32)]),
    ]
    let match = try match(model, LegacyWeightFile(path: fixture("half.h5")).layers)
    #expect(
      match.warnings == [
        "dense/kernel: stored as float16, converted to float32.",
        "dense/bias: stored as float64, converted to float32.",
        "counter/count: stored as int64, converted to int32.",
      ])
    let tensors = try match.tensors().tensors
    #expect(tensors.map(\.dataType) == [.float32, .float32, .int32])
    #expect(tensors[1].scalars(as: Float.self) == (0..<3).map { Float(sin(0.1 * Double($0) + 1)) })
  }

  @Test func refusesIntegersOutOfRange() throws {
    let match = try match(
      [LayerSlots("counter", [.init("count", [], .int32)])],
      [stored("counter", [("count:0", Tensor(scalar: Int64(1) << 40))])])
    #expect(
      message { _ = try match.tensors() }
        == "Numbers of type int64 do not fit into int32.\n  in: file.h5 › counter › count")
  }

  /// The first kernel's second number and the last bias become NaN and infinity, in the file's own bytes.
  @Test func loadsNumbersThatAreNoneWithAWarning() throws {
    var changed = try bytes(of: fixture("weights.h5"))
    for (number, bits) in [
      (Float(sin(0.1)), Float.nan.bitPattern), (Float(sin(7.9)), (-Float.infinity).bitPattern),
    ] {
      let pattern = withUnsafeBytes(of: number.bitPattern.littleEndian, Array.init)
      let place = try #require(changed.indices.first { changed[$0...].starts(with: pattern) })
      changed.replaceSubrange(place..<(place + 4), with: withUnsafeBytes(of: bits.littleEndian, Array.init))
    }
    try withFile(changed) { path in
      let match = try match(Self.network, LegacyWeightFile(path: path).layers)
      #expect(
        try match.tensors(checksFinite: true).warnings == [
          "file.h5 has weights that are not finite (NaN or infinity): conv1/conv1/kernel and 1 more."
        ])
      #expect(try match.tensors().warnings == [])
      #expect(try match.tensors().tensors[0].scalars(as: Float.self)[1].isNaN)
    }
  }

  @Test(arguments: [DataType.float16, .bfloat16, .float32, .float64])
  func seesWhatIsNotFinite(dataType: DataType) {
    for odd in [Double.nan, .infinity, -.infinity] {
      for position in [0, 5, 32, 36] {
        var numbers = [Double](repeating: -1e4, count: 37)
        #expect(Tensor(numbers).converted(to: dataType).isFinite)
        numbers[position] = odd
        #expect(!Tensor(numbers).converted(to: dataType).isFinite)
      }
    }
  }
}
