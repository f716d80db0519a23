import KerasModels
import Testing

/// Operators, methods and subscripts on tensors, symbolic tensors and recorded values; and errors of other types.
@Suite struct FormulaTests {
  private static let x = Tensor([[1.0, 2, 3], [4, 5, 6]])

  private func floats(_ x: Tensor) -> [Float] { x.scalars() }

  @Test func operatorsOfTensors() throws {
    let x = Self.x
    #expect(try floats(1 - x * 0.5) == [0.5, 0, -0.5, -1, -1.5, -2])
    #expect(try floats(x / x + 2 - (-x)) == [4, 5, 6, 7, 8, 9])
    #expect(try (x .> 3).scalars() == [false, false, false, true, true, true])
    #expect(try (2 .== x).scalars() == [false, true, false, false, false, false])
    // Types as in Keras: a whole number leaves integers integers, a quotient is a real number.
    let whole = Tensor([1, 2, 3])
    #expect(try (whole * 2).dataType == .int32)
    #expect(try (whole * 0.5).dataType == .float32)
    #expect(try (whole / 2).spec == TensorSpec([3], .float32))
    #expect(try floats(Ops.add(x, 1)) == [2, 3, 4, 5, 6, 7])
    #expect(try floats(Ops.maximum(3, x)) == [3, 3, 3, 4, 5, 6])
    #expect(throws: KerasError.self) { try x + Tensor([1.0, 2]) }
  }

  @Test func methodsAndSubscriptsOfTensors() throws {
    let x = Self.x
    #expect(try floats(x.sum(axis: 0)) == [5, 7, 9])
    #expect(try floats(x.mean()) == [3.5])
    #expect(try x.argMax(axis: 1).scalars(as: Int32.self) == [2, 2])
    #expect(try floats(x[0, 1..<3]) == [2, 3])
    #expect(try floats(x[-1]) == [4, 5, 6])
    #expect(try floats(x[..., 0]) == [1, 4])
    #expect(try floats(x[SliceItem.all, 1...]) == [2, 3, 5, 6])
    #expect(try floats(x[1, ...1]) == [4, 5])
    #expect(try floats(x.transposed()[0]) == [1, 4])
    #expect(try x.reshaped(to: [3, -1]).shape == [3, 2])
    #expect(try floats(x.matmul(x.transposed())) == [14, 32, 32, 77])
    #expect(try floats(Ops.mean(x, axis: -1)) == [2, 5])
    #expect(throws: KerasError.self) { try x[2] }
  }

  @Test func formulasOfSymbolicTensors() throws {
    let (a, b) = (Input(shape: [3]), Input(shape: [3]))
    let model = try Model(inputs: [a, b], outputs: [(1 - a * 2 + b) / 4, (a[..., 0] .> 2), b.sum(axis: -1)])
    let results = try model.predict([Self.x, Self.x])
    #expect(floats(results[0]) == [0, -0.25, -0.5, -0.75, -1, -1.25])
    #expect(results[1].scalars() == [false, true])
    #expect(floats(results[2]) == [6, 15])
    let failed = (a + Input(shape: [4])).sum() * 2
    let error = #expect(throws: KerasError.self) { try Model(inputs: a, outputs: failed) }
    #expect(error?.what == "Shapes (None, 3) and (None, 4) do not broadcast to a common one.")
    #expect("\(failed)" == "failed: Shapes (None, 3) and (None, 4) do not broadcast to a common one.")
  }

  final class Scaled: Layer, @unchecked Sendable {
    override func build(for inputs: [TensorSpec]) throws {
      addWeight("scale", shape: [try knownLength(-1, of: inputs[0])], initializer: .ones)
    }
    override func call(_ input: Value, in context: CallContext) throws -> Value {
      let x = context[input]
      return try (2 * x * context[weight("scale")] - x.max(axis: -1, keepsDimensions: true) / 2 + x[..., 0..<1]).value
    }
  }

  @Test func aLayerReadsLikeItsFormula() throws {
    #expect(try floats(Scaled()(Self.x)) == [1.5, 3.5, 5.5, 9, 11, 13])
  }

  struct Foreign: Error {}
  final class Failing: Layer, @unchecked Sendable {
    override func call(_ input: Value, in context: CallContext) throws -> Value { throw Foreign() }
  }
  final class Unmade: Layer, @unchecked Sendable {
    override func build(for inputs: [TensorSpec]) throws { throw Foreign() }
    override func call(_ input: Value, in context: CallContext) throws -> Value { input }
  }

  @Test func foreignErrorsGetAPlace() throws {
    for layer in [Failing(name: "mine"), Unmade(name: "mine"), Lambda(name: "mine") { _, _ in throw Foreign() }] {
      let error = #expect(throws: KerasError.self) { try layer(Self.x) }
      #expect(error?.description == "Foreign()\n  in: mine")
      #expect(error?.kind == .custom)
      #expect(error?.localizedDescription == "Foreign() (in: mine)")
    }
    Layers.register("tests>Unmakable") { _ in throw Foreign() }
    let error = #expect(throws: KerasError.self) {
      try Layers.deserialize(["class_name": "Unmakable", "registered_name": "tests>Unmakable", "config": ["name": "u"]])
    }
    #expect(error?.description == "Foreign()\n  in: u")
  }

  /// Untyped and typed closures both compile, with and without several statements.
  @Test func closuresMayThrowAnything() throws {
    let double = Lambda { x, graph in try graph.add(x, x) }
    let triple = Lambda { x, graph throws(KerasError) in try graph.add(x, graph.add(x, x)) }
    #expect(try floats(double(Self.x)) == [2, 4, 6, 8, 10, 12])
    #expect(try floats(triple(Self.x)) == [3, 6, 9, 12, 15, 18])
    Lambda.register("tests.fourfold") { x, graph in
      let twice = try graph.add(x, x)
      return try graph.add(twice, twice)
    }
    #expect(try floats(Lambda("tests.fourfold")(Self.x)) == [4, 8, 12, 16, 20, 24])
  }

  @Test func thingsDescribeThemselves() throws {
    try Session.withFresh { () throws(KerasError) in
      let x = Input(shape: [3])
      let layer = Dense(units: 2)
      #expect("\(layer)" == "Dense dense: not built yet")
      let y = layer(x)
      #expect("\(layer)" == "Dense dense: 8 parameters")
      #expect("\(y)" == "dense: float32(None, 2)")
      #expect("\(layer.weights[0])" == "dense/kernel: float32(3, 2)")
      let model = try Model(inputs: x, outputs: y)
      #expect("\(model)" == "Functional functional: (None, 3) → (None, 2), 2 layers, 8 parameters")
    }
  }
}
