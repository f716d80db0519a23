import Foundation
import KerasCore
import Testing

@testable import KerasFiles

@Suite struct LegacyWeightFileTests {
  private func open(_ name: String) throws -> LegacyWeightFile { try LegacyWeightFile(path: fixture(name)) }

  @Test func readsWhatKeras2Writes() throws {
    let file = try open("weights.h5")
    #expect(file.layers.map(\.name) == ["input_1", "conv1", "conv1_bn", "predictions"])
    #expect(
      file.layers[2].weights.map(\.name) == [
        "conv1_bn/gamma:0", "conv1_bn/beta:0", "conv1_bn/moving_mean:0", "conv1_bn/moving_variance:0",
      ])
    #expect(file.layers[0].weights.isEmpty)
    #expect(file.layers[1].weights[0].shape == [3, 3, 1, 4])
    #expect(file.layers[1].weights[0].dataType == .float32)
    #expect((file.kerasVersion, file.backend) == ("2.2.4", "tensorflow"))
    #expect((file.isModel, file.modelConfig, file.trainingConfig) == (false, nil, nil))
  }

  @Test func readsWhatKeras3Writes() throws {
    let file = try open("variable_strings.h5")
    #expect(file.layers.map(\.name) == ["dense", "dropout"])
    #expect(file.layers[0].weights.map(\.name) == ["dense/kernel", "dense/bias"])
    #expect(file.kerasVersion == "3.15.1")
  }

  @Test func readsAWholeModel() throws {
    let file = try open("model.h5")
    #expect(file.isModel)
    #expect(file.layers.map(\.name) == ["conv1"])
    #expect((file.kerasVersion, file.backend) == ("2.15.0", "tensorflow"))
    #expect(file.modelConfig?.utf8.count == 1_655)
    #expect(file.trainingConfig == #"{"loss": "mse"}"#)
  }

  @Test func readsNestedNames() throws {
    let file = try open("nested.h5")
    #expect(file.layers.map(\.name) == ["conv1/conv", "conv1/bn", "bi", "sub"])
    #expect(file.layers[1].weights.map(\.name) == ["conv1/bn/gamma:0", "conv1/bn/beta:0"])
    let gamma: [Float] = try file.layers[1].weights[0].tensor().scalars()
    #expect(gamma == [Float(sin(1.0)), Float(sin(1.1))])
    #expect(file.layers[3].weights.map(\.name) == ["inner_a/kernel:0", "inner_b/kernel:0"])
  }

  @Test func readsListsInPieces() throws {
    let file = try open("pieces.h5")
    #expect(file.layers.map(\.name) == ["layer_0", "layer_1", "layer_2"])
    #expect(file.layers.allSatisfy { $0.weights.map(\.name) == ["kernel:0", "bias:0"] })
  }

  @Test func readsKeras1() throws {
    let file = try open("keras1.h5")
    #expect(file.kerasVersion == nil)
    #expect(file.layers[0].weights.map(\.name) == ["block1_conv1_W_1:0", "block1_conv1_b_1:0"])
  }

  @Test func readsTheNewerLayout() throws {
    #expect(try open("latest.h5").layers.map(\.name) == (0..<12).map { "dense_\($0 < 10 ? "00" : "0")\($0)" })
  }

  @Test func refusesOtherHDF5Files() {
    #expect(
      message { _ = try self.open("types.h5") } == """
        The file holds no Keras weights: there is no attribute layer_names.
          in: types.h5
          try: give a file that Keras saved with save_weights or save.
        """)
  }

  /// `weights.h5` with one name changed in a list of names; `~` is a zero byte.
  @Test(arguments: [
    (
      "conv1_bn~~~predictions", "conv1_bn~~~predictionz",
      "The file lists the layer predictionz, but it is not there.\n  in: weights.h5"
    ),
    (
      "conv1_bn/beta:0", "conv1_bn/beta:1",
      "Expected an array at conv1_bn/beta:1, found nothing.\n  in: weights.h5 › conv1_bn"
    ),
    (
      "conv1_bn/beta:0~", "conv1_bn/gamma:0",
      "The name conv1_bn/gamma:0 stands twice in weight_names.\n  in: weights.h5 › conv1_bn"
    ),
  ])
  func refusesWhatIsNotThere(name: String, replacement: String, complaint: String) throws {
    func stored(_ text: String) -> [UInt8] { text.utf8.map { $0 == UInt8(ascii: "~") ? 0 : $0 } }
    var changed = try bytes(of: fixture("weights.h5"))
    let place = try #require(changed.indices.first { changed[$0...].starts(with: stored(name)) })
    changed.replaceSubrange(place..<(place + name.utf8.count), with: stored(replacement))
    try withFile(changed) { path in
      #expect(
        message { _ = try LegacyWeightFile(path: path) }
          == complaint + "\n  try: download or copy the file again.")
    }
  }
}
