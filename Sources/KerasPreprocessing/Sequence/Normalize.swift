import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// Vectors along an axis divided by their norm, as Keras' `normalize`; those of norm 0 stay as they are.
///
/// - Parameters:
///   - axis: counted from the end where negative.
///   - order: of the norm: 2, 1, any other positive number, or infinity for the largest absolute value.
/// - Returns: the same shape; float64 for float64, else float32.
/// - Throws: `invalidArgument` for an axis that is not there or an order that is not positive.
public func normalize(_ x: Tensor, axis: Int = -1, order: Double = 2) throws(KerasError) -> Tensor {
  let place = axis < 0 ? axis + x.rank : axis
  try require(
    x.shape.indices.contains(place), "There is no axis \(axis) in a tensor of shape \(Shape(x.shape)).")
  try require(order > 0, "The order of a norm must be positive, found \(order).")
  let length = x.shape[place]
  let inner = elementCountOf(Array(x.shape[(place + 1)...]))
  var numbers: [Double] = x.scalars()
  if length > 0, inner > 0 {
    for start in stride(from: 0, to: numbers.count, by: length * inner) {
      for column in start..<start + inner {
        let places = stride(from: column, to: start + length * inner, by: inner)
        let norm = norm(places.map { abs(numbers[$0]) }, order)
        if norm != 0 { for place in places { numbers[place] /= norm } }
      }
    }
  }
  let normalized = Tensor(uninitialized: x.shape, Double.self) { _ = $0.update(fromContentsOf: numbers) }
  return x.dataType == .float64 ? normalized : normalized.converted(to: .float32)
}

private func norm(_ magnitudes: [Double], _ order: Double) -> Double {
  switch order {
  case 1: magnitudes.reduce(0, +)
  case 2: magnitudes.reduce(0) { $0 + $1 * $1 }.squareRoot()
  case .infinity: magnitudes.max() ?? 0
  default: pow(magnitudes.reduce(0) { $0 + pow($1, order) }, 1 / order)
  }
}
