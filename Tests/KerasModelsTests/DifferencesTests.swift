import Foundation
import KerasFiles
import KerasModels
import Testing

/// Files of two kinds compared: by layer, and by object.
@Suite struct DifferencesTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "diff-\(UUID().uuidString)")
    .path

  /// With parts inside a layer, whose order only the model knows.
  private func model(_ offset: Float = 0) throws -> Model {
    let model = try Session.withFresh { () throws(KerasError) in
      let words = Input(shape: [5, 3])
      let read = Bidirectional(LSTM(units: 2))(words)
      return try Model(inputs: words, outputs: Dense(units: 2, name: "scores")(BatchNormalization()(read)))
    }
    try model.fillWithPatterns()
    let bias = try model.layer(named: "scores").weights[1]
    try bias.assign(Tensor([offset, 1] as [Float]))
    return model
  }

  @Test(arguments: [
    ("a.keras", "b.h5"), ("b.h5", "a.keras"), ("a.keras", "b-weights.h5"), ("b-weights.h5", "a.keras"),
    ("a.h5", "b.weights.h5"), ("b.weights.h5", "a.h5"),
  ]) func theModelTellsWhatBelongsTogether(_ first: String, _ second: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, offset) in [("a", 0), ("b", 0.5), ("c", 0)] as [(String, Float)] {
      let model = try model(offset)
      try model.save(to: "\(folder)/\(name).keras")
      try model.save(to: "\(folder)/\(name).h5")
      try model.saveWeights(to: "\(folder)/\(name).weights.h5")
      try model.saveWeights(to: "\(folder)/\(name)-weights.h5")
    }
    func compare(_ first: String, _ second: String) throws -> WeightDifferences {
      try Model.weightDifferences(between: "\(folder)/\(first)", and: "\(folder)/\(second)")
    }
    let differences = try compare(first, second)
    #expect(differences.files == ["\(folder)/\(first)", "\(folder)/\(second)"])
    #expect(differences.rows.count == 12)
    #expect(
      differences.rows.filter { $0.finding != .same }.map { "\($0.layer) \($0.largestDifference ?? -1)" } == [
        "scores 0.5"
      ])
    #expect(!differences.areNone)
    let both = ![first, second].contains { $0.contains("weights") }
    #expect(differences.haveSameArchitecture == (both ? true : nil))

    let others = [first, second].map { $0.replacing("b", with: "c") }
    #expect(try compare(others[0], others[1]).areNone)
  }

  @Test func withoutAModelItIsAnError() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let model = try model()
    let (first, second) = ("\(folder)/a.weights.h5", "\(folder)/a-weights.h5")
    try model.saveWeights(to: first)
    try model.saveWeights(to: second)
    #expect(
      message { () throws(KerasError) in _ = try Model.weightDifferences(between: first, and: second) } == """
        One file stores weights by layer, the other by the path of objects. The weights of `layers/bidirectional` have \
        no certain order.
          in: \(first) and \(second)
          try: give files that describe the model, too, or make one kind of both with `keras convert`.
        """)
  }
}
