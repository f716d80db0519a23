import Foundation
import KerasModels
import Testing

/// Recurrent layers called on one list of sequence and states, which Keras 2 and 1 wrote: they use the mask the sequence
/// carries, where Keras 3's named states pass over it. Files keep either.
@Suite struct StateListTests {
  private let words = Tensor([1, 2, 0, 0, 3, 4, 5, 6] as [Int32])

  private func model(namesStates: Bool, isMasked: Bool) throws -> Model {
    let model = try Session.withFresh { () throws(KerasError) in
      let (words, state) = (Input(shape: [4], dataType: .int32), Input(shape: [2]))
      let sequence = Embedding(inputDimension: 8, outputDimension: 3, masksZero: isMasked)(words)
      let read = GRU(units: 2)
      let result =
        namesStates
        ? read.apply(to: sequence, initialState: [state])[0] : read([Dropout(0.5)(sequence), state])
      return try Model(inputs: [words, state], outputs: [result])
    }
    try model.fillWithPatterns()
    return model
  }

  private func predict(_ model: Model) throws -> [Float] {
    let state = Tensor([0.5, -0.5, 0.25, 1] as [Float])
    return try model.predict([words.reshaped(to: [2, 4]), state.reshaped(to: [2, 2])])[0].scalars(
      as: Float.self)
  }

  @Test func listsUseMasksAndNamesDoNot() throws {
    let numbers = try [false, true].map { try predict(model(namesStates: $0, isMasked: true)) }
    let unmasked = try predict(model(namesStates: false, isMasked: false))
    #expect(numbers[1] == unmasked)
    // The second sample is as long as the sequence.
    #expect(numbers[0][..<2] != unmasked[..<2] && numbers[0][2...] == unmasked[2...])
  }

  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)], ["keras", "h5", "json"])
  func filesKeepIt(_ setting: (namesStates: Bool, isMasked: Bool), _ ending: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "states-\(UUID().uuidString).\(ending)")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try model(namesStates: setting.namesStates, isMasked: setting.isMasked)
    try model.save(to: path)
    let again = try Model.load(from: path)
    if ending == "json" { try again.setWeights(model.getWeights()) }
    #expect(try predict(again) == predict(model))
  }

  /// Keras 3 names the states of a sequence without a mask, and opens no list.
  @Test func namesAreWrittenWhereTheyMeanTheSame() throws {
    func keywords(isMasked: Bool) throws -> [String] {
      let config = try model(namesStates: false, isMasked: isMasked).getConfig()["config"]
      let layer = config?["layers"]?.array?.first { $0["class_name"] == "GRU" }
      return layer?["inbound_nodes"]?[0]?["kwargs"]?.object?.keys ?? []
    }
    #expect(try keywords(isMasked: false) == ["initial_state"])
    #expect(try keywords(isMasked: true) == [])
  }
}
