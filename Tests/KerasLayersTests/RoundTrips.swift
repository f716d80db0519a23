import KerasModels
import Testing

/// Checks that a layer's settings, written and read again, make the same layer: the same settings, the same weights,
/// and the same shapes for inputs of `shape`.
func expectRoundTrip(of layer: Layer, on shape: Shape, _ comment: Comment? = nil) throws {
  let stored = try JSON(parsing: layer.serialized.json.text())
  let again = try Layers.deserialize(stored)
  #expect(again.className == layer.className, comment)
  #expect(again.serialized.config == layer.serialized.config, comment)
  let (old, new) = (
    try layer.outputSpecs(for: [TensorSpec(shape)]), try again.outputSpecs(for: [TensorSpec(shape)])
  )
  #expect(old == new, comment)
  #expect(again.weights.map(\.path) == layer.weights.map(\.path), comment)
  #expect(again.weights.map(\.shape) == layer.weights.map(\.shape), comment)
}

/// A layer with arguments that are not the defaults, and what it is called on.
struct RoundTrip: Sendable, CustomStringConvertible {
  let description: String
  let shape: Shape
  let make: @Sendable () -> Layer

  init(_ shape: Shape, _ make: @autoclosure @escaping @Sendable () -> Layer) {
    self.shape = shape
    self.make = make
    description = make().className
  }
}
