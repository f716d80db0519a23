import Foundation
import KerasTestSupport
import Testing

/// Files of weights that are for something else than what was asked for.
@Suite struct OtherWeightsTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "keras-weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func remedy(_ body: () throws(KerasError) -> ImageModel) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return error.kind == .weightsMismatch ? error.remedy : "\(error)"
    }
  }

  @Test func whatTheFileIsForIsTold() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let narrow = path("narrow.h5"), small = path("small.h5"), bare = path("bare.weights.h5")
    try MobileNet(alpha: 0.25, weights: .none).saveWeights(to: narrow)
    try MobileNet(alpha: 0.5, weights: .none, classes: 3).saveWeights(to: small)
    try MobileNet(alpha: 0.25, includeTop: false, weights: .none).saveWeights(to: bare)
    #expect(
      remedy { () throws(KerasError) in try MobileNet(weights: .file(narrow)) }
        == "the file has the weights of mobilenet with alpha: 0.25.")
    #expect(
      remedy { () throws(KerasError) in try MobileNet(alpha: 0.5, weights: .file(small)) }
        == "the file has the weights of mobilenet with alpha: 0.5 and classes: 3.")
    #expect(
      remedy { () throws(KerasError) in try MobileNet(alpha: 0.25, weights: .file(bare)) }
        == "the file has the weights of mobilenet with alpha: 0.25 and includeTop: false.")
    #expect(
      remedy { () throws(KerasError) in try VGG16(weights: .file(narrow)) }
        == "the file has the weights of mobilenet with alpha: 0.25.")
    // What nobody knows keeps the general advice.
    let own = path("own.h5")
    try Sequential {
      Input(shape: [4])
      Dense(units: 2)
    }.saveWeights(to: own)
    #expect(
      remedy { () throws(KerasError) in try VGG16(weights: .file(own)) }?.hasPrefix("build the model with")
        == true)
  }

  @Test(arguments: ["whole.h5", "whole.weights.h5", "whole.keras"])
  func aClassifierInTheFileIsLeftOut(_ name: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = try MobileNet(alpha: 0.25, weights: .none)
    if name.hasSuffix(".keras") {
      try whole.save(to: path(name))
    } else {
      try whole.saveWeights(to: path(name))
    }
    let features = try MobileNet(alpha: 0.25, includeTop: false, weights: .file(path(name)))
    #expect(features.weights.count == whole.weights.count - 2)
    for (found, want) in zip(features.weights, whole.weights) {
      #expect(found.value.scalars(as: Float.self) == want.value.scalars(as: Float.self))
    }
  }
}
