import KerasGraph
import KerasLayers
import Testing

@Suite struct DataTypePolicyTests {
  @Test func layersFollowTheSession() throws {
    let policy = try DataTypePolicy(named: "mixed_bfloat16")
    let dense = Session.withDataTypePolicy(policy) { Dense(units: 2) }
    #expect(dense.dataTypePolicy == policy)
    #expect(Dense(units: 2).dataTypePolicy == .float32)
    try Session.withFresh { () throws in
      Session.current.dataTypePolicy = policy
      let y = Dense(units: 2)(Input(shape: [3]))
      #expect(y.dataType == .bfloat16)
      #expect(y.origin?.layer.weights.map(\.dataType) == [.float32, .float32])
      // What stands inside of a layer follows, too.
      let nested = try #require(Bidirectional(LSTM(units: 2)).children.first?.layer)
      #expect(nested.dataTypePolicy == policy)
    }
    #expect(Dense(units: 2).dataTypePolicy == .float32)
  }

  @Test func aLayerThatIsToldDoesNot() throws {
    try Session.withDataTypePolicy(DataTypePolicy(named: "mixed_bfloat16")) { () throws in
      let dense = Dense(units: 2)
      dense.dataTypePolicy = .float32
      #expect(dense(Input(shape: [3])).dataType == .float32)
      let restored = try Layers.deserialize(dense.serialized.json)
      #expect(restored.dataTypePolicy == .float32)
    }
  }
}
