import Testing

@testable import KerasModels

/// Inputs and outputs by name.
struct NamedInputsTests {
  /// `difference` = zeta − Alpha, `twice` = 2 · zeta.
  private static func model() throws(KerasError) -> Model {
    let (zeta, alpha) = (Input(shape: [2], name: "zeta"), Input(shape: [2], name: "Alpha"))
    return try Model(
      inputs: ["z": zeta, "A": alpha],
      outputs: ["twice": Add()([zeta, zeta]), "difference": Subtract()([zeta, alpha])], name: "named")
  }
  private static let zeta = Tensor([1.0, 2.0]).row, alpha = Tensor([10.0, 20.0]).row

  @Test func namesAreTheKeysInOrder() throws {
    let model = try Self.model()
    #expect(model.inputNames == ["A", "z"])
    #expect(model.outputNames == ["difference", "twice"])
  }

  @Test func withoutKeysLayersGiveTheNames() throws {
    let (a, b) = (Input(shape: [2], name: "b"), Input(shape: [2], name: "a"))
    let model = try Model(inputs: [a, b], outputs: [Dense(units: 1, name: "last")(Add(name: "sum")([a, b]))])
    #expect(model.inputNames == ["b", "a"])
    #expect(model.outputNames == ["last"])
  }

  @Test func predictsByKeysOrLayerNames() throws {
    let model = try Self.model()
    for names in [("z", "A"), ("zeta", "Alpha"), ("z", "Alpha")] {
      let outputs = try model.predict([names.0: Self.zeta, names.1: Self.alpha])
      #expect(outputs.map { $0.scalars(as: Float.self) } == [[-9, -18], [2, 4]])
    }
    let named = try model.predictByName(["z": Self.zeta, "A": Self.alpha])
    #expect(named.mapValues { $0.scalars(as: Float.self) } == ["difference": [-9, -18], "twice": [2, 4]])
  }

  @Test func wrongNamesAreSaid() throws {
    let model = try Self.model()
    #expect(
      message { () throws(KerasError) in _ = try model.predict(["z": Self.zeta]) } == """
        There is no tensor for the input `A`.
          in: named
          try: the inputs are A, z.
        """)
    #expect(
      message { () throws(KerasError) in _ = try model.predict(["z": Self.zeta, "A": Self.alpha, "x": Self.alpha]) }
        == """
        The model has no input called `x`.
          in: named
          try: the inputs are A, z.
        """)
    // Both names of one input.
    #expect(
      message { () throws(KerasError) in _ = try model.predict(["z": Self.zeta, "zeta": Self.zeta, "A": Self.alpha]) }
        == """
        The model has no input called `zeta`.
          in: named
          try: the inputs are A, z.
        """)
  }

  @Test func twoOutputsOfOneNameAreTakenByPosition() throws {
    let x = Input(shape: [2], name: "x")
    let layer = Dense(units: 1, name: "d")
    let model = try Model(inputs: [x], outputs: [layer(x), layer(Activation(.tanh)(x))], name: "m")
    #expect(
      message { () throws(KerasError) in _ = try model.predictByName(["x": Self.zeta]) } == """
        Two outputs are called `d`.
          in: m
          try: take them by position with predict, or name them with Model(inputs:outputs:) of dictionaries.
        """)
    #expect(try model.predict(["x": Self.zeta]).count == 2)
  }

  @Test func aModelThatIsNotConnectedHasNoNames() throws {
    final class Own: Model, @unchecked Sendable {
      override func call(_ x: Value, in context: CallContext) throws -> Value { x }
    }
    #expect(
      message { () throws(KerasError) in _ = try Own(name: "own").predict(["x": Self.zeta]) } == """
        The model's inputs have no names: its layers are not connected.
          in: own
          try: pass them in order.
        """)
  }
}

extension Tensor {
  /// A batch of one.
  fileprivate var row: Tensor { (try? reshaped(to: [1] + shape)) ?? self }
}
