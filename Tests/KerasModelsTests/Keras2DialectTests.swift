import Testing

@testable import KerasModels

/// The spelling of architectures in the older layout.
struct Keras2DialectTests {
  private func spelled(_ model: Model) -> JSON? { Keras2Dialect.architecture(model.getConfig()) }

  @Test func layersAreSpelledAsKeras2Did() throws {
    let model = try Session.withFresh { () throws(KerasError) in
      let input = Input(shape: [4])
      let x = LeakyReLU(negativeSlope: 0.2)(Dropout(0.5)(input))
      return try Model(inputs: input, outputs: Add()([x, input]))
    }
    let place = #""trainable":true,"dtype":"float32""#
    let expected = try JSON(
      parsing: """
        {"class_name": "Functional", "config": {"name": "functional", "trainable": true, "layers": [
          {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4], "dtype": "float32",
            "sparse": false, "ragged": false, "name": "input_layer"}, "name": "input_layer", "inbound_nodes": []},
          {"class_name": "Dropout", "config": {"name": "dropout", \(place), "rate": 0.5, "seed": null,
            "noise_shape": null}, "name": "dropout", "inbound_nodes": [[["input_layer", 0, 0, {}]]]},
          {"class_name": "LeakyReLU", "config": {"name": "leaky_re_lu", \(place), "alpha": 0.2},
            "name": "leaky_re_lu", "inbound_nodes": [[["dropout", 0, 0, {}]]]},
          {"class_name": "Add", "config": {"name": "add", \(place)}, "name": "add",
            "inbound_nodes": [[["leaky_re_lu", 0, 0, {}], ["input_layer", 0, 0, {}]]]}],
          "input_layers": ["input_layer", 0, 0], "output_layers": ["add", 0, 0]}}
        """)
    #expect(spelled(model) == expected)
  }

  /// What Keras 2 has no words for stays in Keras 3's.
  @Test func whatIsNewIsNotSpelled() throws {
    let input = Input(shape: [6, 4])
    for layer in [
      RMSNormalization(), SimpleRNN(units: 2, seed: 3), Dense(units: 2, activation: .hardSigmoid),
      Sequential([Dense(units: 2)]), ZeroPadding1D(1, dataFormat: .channelsFirst), Lambda { x, _ in x },
    ] {
      let model = try Model(inputs: [input], outputs: [layer(input)])
      #expect(spelled(model)?.text() == nil)
    }
    let attention = MultiHeadAttention(heads: 1, keySize: 2)(query: input, value: input)
    #expect(try spelled(Model(inputs: [input], outputs: [attention]))?.text() == nil)
  }

  @Test func bothSpellingsAreTheSameModel() throws {
    for sound in HostileModels.all {
      let model = try Session.withFresh { try sound.model() }
      guard let text = spelled(model)?.text() else { continue }
      let again = try Session.withFresh { () throws(KerasError) in
        try Model.fromConfig(JSON(parsing: text), version: .keras3)
      }
      #expect(again.toJSON() == model.toJSON())
    }
  }
}
