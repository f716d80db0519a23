import KerasModels

/// What a person reads when building a model of one layer fails; nil when it does not.
func failure(of layer: Layer, on inputs: SymbolicTensor...) -> String? {
  do {
    _ = try Model(inputs: inputs, outputs: layer.apply(to: inputs))
    return nil
  } catch {
    return error.description
  }
}

/// A layer and the words for it that a failing test shows.
struct LayerCase<Expected: Sendable>: Sendable, CustomStringConvertible {
  let description: String
  let make: @Sendable () -> Layer
  let shape: Shape
  let expected: Expected

  init(
    _ description: String, _ shape: Shape, _ expected: Expected,
    _ make: @autoclosure @escaping @Sendable () -> Layer
  ) {
    self.description = description
    self.shape = shape
    self.expected = expected
    self.make = make
  }
}

/// Numbers between -0.5 and 0.5 that Python makes as easily.
func pattern(_ shape: [Int], _ number: Int) -> Tensor {
  Tensor(uninitialized: shape, Float.self) { elements in
    for i in elements.indices { elements[i] = Float(Double((i * 37 + number * 101 + 11) % 97) / 97 - 0.5) }
  }
}
