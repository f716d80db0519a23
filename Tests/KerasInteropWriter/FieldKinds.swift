import KerasModels

/// Models of the kinds that files of the Kerases spell in different ways: models called more than once, inputs and
/// outputs under names, masks that reach models inside.
enum FieldKinds {
  static func all() -> [(name: String, vocabulary: Int?, make: () throws(KerasError) -> Model)] {
    [
      ("siamese", nil, siamese), ("dictionaries", nil, dictionaries), ("nested_dictionary", nil, nestedDictionary),
      ("masked_nested", 6, maskedNested), ("shared_in_nested", nil, sharedInNested),
    ]
  }

  /// Each model inside is called several times, and outputs come from several of the calls.
  private static func siamese() throws(KerasError) -> Model {
    let inner = Input(shape: [4])
    let hidden = Dense(units: 4, activation: .tanh)(inner)
    let encoder = try Model(inputs: [inner], outputs: [hidden, Dense(units: 3)(hidden)], name: "encoder")
    let head = Sequential(name: "head") {
      Input(shape: [3])
      Dense(units: 3, activation: .relu)
    }
    let (left, right) = (Input(shape: [4], name: "left"), Input(shape: [4], name: "right"))
    let (a, b) = (encoder.apply(to: [left]), encoder.apply(to: [right]))
    return try Model(
      inputs: [left, right],
      outputs: [head(b[1]), Subtract()([a[0], b[0]]), head(a[1]), encoder.apply(to: [b[0]])[1]])
  }

  private static func dictionaries() throws(KerasError) -> Model {
    let (zeta, alpha) = (Input(shape: [3], name: "zeta"), Input(shape: [2], name: "Alpha"))
    let joined = Concatenate()([Dense(units: 2)(zeta), Dense(units: 3)(alpha)])
    return try Model(
      inputs: ["zeta": zeta, "Alpha": alpha],
      outputs: ["score": Dense(units: 1)(joined), "Label": Dense(units: 4, activation: .softmax)(joined), "a": joined])
  }

  private static func nestedDictionary() throws(KerasError) -> Model {
    let (one, two) = (Input(shape: [3], name: "z"), Input(shape: [3], name: "a"))
    let inner = try Model(
      inputs: ["z": one, "a": two], outputs: ["sum": Add()([one, two]), "difference": Subtract()([one, Dense(units: 3)(two)])],
      name: "inner")
    let (x, y) = (Input(shape: [3], name: "x"), Input(shape: [3], name: "y"))
    // In the order of the sorted names: a, z; difference, sum.
    let first = inner.apply(to: [x, y])
    let second = inner.apply(to: [first[1], first[0]])
    return try Model(inputs: [x, y], outputs: [second[0], first[0], second[1]])
  }

  private static func maskedNested() throws(KerasError) -> Model {
    let inner = Input(shape: [5, 3])
    let reader = try Model(
      inputs: inner, outputs: LSTM(units: 2)(Dense(units: 3, activation: .tanh)(inner)), name: "reader")
    let words = Input(shape: [5], dataType: .int32)
    let seen = Embedding(inputDimension: 6, outputDimension: 3, masksZero: true)(words)
    return try Model(inputs: words, outputs: reader(seen))
  }

  /// One layer in two models inside. (Of a layer that two connected models share, Python's Keras 3 finds the calls of
  /// the first only, in its own files, too.)
  private static func sharedInNested() throws(KerasError) -> Model {
    let shared = Dense(units: 4, activation: .tanh, name: "shared")
    func inner(_ name: String) -> Model {
      Sequential([InputLayer(batchShape: [nil, 4]), Dense(units: 4), shared], name: name)
    }
    let x = Input(shape: [4])
    return try Model(inputs: x, outputs: Dense(units: 2)(inner("second")(inner("first")(x))))
  }
}
