import KerasModels

/// Which way rows of features point.
package struct Directions {
  /// Why a row has no direction.
  package enum Defect { case zero, notFinite }

  package let count: Int
  package let width: Int
  /// The rows as they are, `[count, width]`.
  private let rows: Tensor
  /// The rows at length 1; zeros where they have no direction.
  let units: [Float]
  /// The square of each row's length; 0 or not finite where it has no direction.
  private let squares: [Double]

  /// - Parameter rows: `[count, width]`, float32.
  init(_ rows: Tensor) {
    (self.rows, count, width) = (rows, rows.shape[0], rows.shape[1])
    let (count, width) = (count, width)
    var squares = [Double](repeating: 0, count: count)
    units = [Float](unsafeUninitializedCapacity: count * width) { units, initialized in
      rows.withUnsafeScalars(of: Float.self) { rows in
        for row in 0..<count {
          let numbers = UnsafeBufferPointer(rebasing: rows[row * width..<(row + 1) * width])
          squares[row] = product(numbers, numbers)
          let unit = UnsafeMutableBufferPointer(rebasing: units[row * width..<(row + 1) * width])
          let factor = 1 / squares[row].squareRoot()
          switch squares[row] {
          case 1e-60...1e60:
            let factor = Float(factor)
            for place in 0..<width { unit[place] = numbers[place] * factor }
          case 0, .infinity: unit.initialize(repeating: 0)
          case let square where square.isNaN: unit.initialize(repeating: 0)
          default:
            // In double precision, where neither the largest nor the smallest float goes out of range.
            for place in 0..<width { unit[place] = Float(Double(numbers[place]) * factor) }
          }
        }
      }
      initialized = count * width
    }
    self.squares = squares
  }

  package func defect(_ row: Int) -> Defect? {
    let square = squares[row]
    return square == 0 ? .zero : square.isFinite ? nil : .notFinite
  }

  /// The cosine between two rows that have directions, to the last digit the same in whatever block they stand.
  func similarity(_ row: Int, _ other: Directions, _ otherRow: Int) -> Double {
    let sum = rows.withUnsafeScalars(of: Float.self) { a in
      other.rows.withUnsafeScalars(of: Float.self) { b in
        product(
          UnsafeBufferPointer(rebasing: a[row * width..<(row + 1) * width]),
          UnsafeBufferPointer(rebasing: b[otherRow * width..<(otherRow + 1) * width]))
      }
    }
    // The root of a square is the number again, so that equal rows are 1 apart, not nearly.
    return max(-1, min(1, sum / (squares[row] * other.squares[otherRow]).squareRoot()))
  }

  /// How far a product of unit vectors in float32 may lie from the cosine.
  var error: Double { Double(Float.ulpOfOne) * Double(width / 8 + 16) }
}

/// The sum of products in double precision, in one fixed order.
private func product(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
  let (x, y) = (UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
  func eight(_ numbers: UnsafeRawBufferPointer, _ start: Int) -> SIMD8<Double> {
    SIMD8<Double>(numbers.loadUnaligned(fromByteOffset: start * 4, as: SIMD8<Float>.self))
  }
  var sums = SIMD8<Double>()
  let whole = a.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) { sums += eight(x, start) * eight(y, start) }
  var sum = sums.sum()
  for place in whole..<a.count { sum += Double(a[place]) * Double(b[place]) }
  return sum
}
