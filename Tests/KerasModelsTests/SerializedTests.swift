import KerasModels
import Testing

/// What a layer says of itself, and what files hold of it.
@Suite struct SerializedTests {
  @Test func aModelInsideAWrapperIsWrittenWhole() throws {
    let model = try Session.withFresh { () throws(KerasError) in
      let step = Input(shape: [3])
      let inner = try Model(inputs: step, outputs: Dense(units: 2)(step), name: "inner")
      let steps = Input(shape: [4, 3])
      return try Model(inputs: steps, outputs: TimeDistributed(inner)(steps))
    }
    let again = try Model.fromJSON(model.toJSON())
    #expect(again.toJSON() == model.toJSON())
    #expect(again.parameterCount == 8)
  }

  @Test func itsConfigurationIsItsOwnAndWhatEveryLayerHas() {
    let layer = Dropout(0.25, seed: 3, name: "d")
    let whole = layer.serialized.config
    #expect(layer.config.keys.allSatisfy { whole[$0] == layer.config[$0] })
    #expect(Set(whole.keys) == Set(layer.config.keys).union(["name", "trainable", "dtype"]))
  }
}
