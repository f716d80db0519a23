import KerasGraph

/// Square windows `[size, size, in, out]` whose numbers depend only on the ring around the middle they lie in.
///
/// Of Keras 2. The number of a ring is taken where Keras 2 takes it, on the diagonal; for odd sizes that is one
/// ring further in than its description says.
public struct RadialConstraint: Constraint {
  public init() {}

  public func apply(to w: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let shape = graph.shape(of: w)
    guard shape.rank == 4, let size = shape[0], shape[1] == size, size > 0 else {
      throw KerasError(
        .shapeMismatch, "A radial constraint takes a kernel [size, size, in, out], found \(shape).")
    }
    let (half, isOdd) = (size / 2, size % 2 == 1)
    // Which place on the diagonal every place of the window takes its number from.
    var sources = [Int32](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0..<size {
        // 0 in the middle: one place, or four where the size is even.
        let ring =
          isOdd
          ? max(abs(row - half), abs(column - half))
          : max(row < half ? half - 1 - row : row - half, column < half ? half - 1 - column : column - half)
        let diagonal = ring == 0 ? max(half - 1, 0) : half + ring - (isOdd ? 1 : 0)
        sources[row * size + column] = Int32(diagonal * (size + 1))
      }
    }
    let rest = Array(shape.dropFirst(2))
    let places = try graph.reshaped(w, to: Shape([size * size] + rest))
    let chosen = try graph.gather(places, at: graph.constant(Tensor(sources)), axis: 0)
    return try graph.reshaped(chosen, to: shape)
  }
}
