import KerasCore

/// A random matrix whose rows or columns, whichever are fewer, are orthogonal and of length `gain`.
///
/// A weight of more axes is that matrix for `[all axes but the last, last]`.
///
/// Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks" (2014),
/// https://arxiv.org/abs/1312.6120
public struct OrthogonalInitializer: Initializer {
  @Setting("seed") public private(set) var seed: RandomSeed
  @Setting("gain") public private(set) var gain: Double

  public init(gain: Double = 1, seed: RandomSeed = nil) {
    self.gain = gain
    self.seed = seed
  }

  public var className: String { "Orthogonal" }

  public func check(shape: [Int]) throws(KerasError) {
    try require(
      shape.count >= 2, .shapeMismatch,
      "The orthogonal initializer fills weights of at least two axes, found \(Shape(shape)).")
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let columns = shape.last ?? 1
    let rows = elementCountOf(Array(shape.dropLast()))
    let (long, short) = (max(rows, columns), min(rows, columns))
    let (gain, stream) = (gain, seed.stream(instead: stream))
    // One vector of normal numbers for each of the fewer sides.
    var vectors = (0..<short).map { j in (0..<long).map { i in stream.normal(i * short + j) } }
    orthonormalize(&vectors)
    return Tensor(uninitialized: shape, Float.self) { elements in
      for index in elements.indices {
        let (row, column) = (index / columns, index % columns)
        elements[index] = Float(gain * (rows < columns ? vectors[row][column] : vectors[column][row]))
      }
    }
  }
}

/// Replaces vectors, no more of them than each has elements, by the Q of their QR decomposition with a positive
/// diagonal of R, which makes it unique: random vectors become a uniformly random frame.
///
/// By Householder's reflections; Golub and Van Loan, "Matrix Computations" (2013), section 5.2.
func orthonormalize(_ vectors: inout [[Double]]) {
  let count = vectors.count
  // The normal of each reflection, and the sign of R's diagonal.
  var normals: [[Double]] = []
  var signs: [Double] = []
  for k in 0..<count {
    var normal = vectors[k]
    for i in 0..<k { normal[i] = 0 }
    let length = dot(normal, normal, from: k).squareRoot()
    // Away from cancellation; R's diagonal gets the opposite sign.
    let diagonal = normal[k] > 0 ? -length : length
    normal[k] -= diagonal
    signs.append(diagonal < 0 ? -1 : 1)
    let square = dot(normal, normal, from: k)
    if square > 0 {
      for j in k..<count { reflect(&vectors[j], at: normal, from: k, square) }
    }
    normals.append(normal)
  }
  for j in 0..<count {
    vectors[j] = [Double](repeating: 0, count: vectors[j].count)
    vectors[j][j] = signs[j]
  }
  for k in (0..<count).reversed() {
    let square = dot(normals[k], normals[k], from: k)
    guard square > 0 else { continue }
    for j in k..<count { reflect(&vectors[j], at: normals[k], from: k, square) }
  }
}

private func dot(_ a: [Double], _ b: [Double], from start: Int) -> Double {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      // Four sums at once, which fit one register.
      var sums = SIMD4<Double>.zero
      var i = start
      while i + 4 <= a.count {
        let x = SIMD4(a[i], a[i + 1], a[i + 2], a[i + 3])
        let y = SIMD4(b[i], b[i + 1], b[i + 2], b[i + 3])
        sums += x * y
        i += 4
      }
      var sum = sums.sum()
      while i < a.count {
        sum += a[i] * b[i]
        i += 1
      }
      return sum
    }
  }
}

/// `x − 2 · normal · (normal · x) / square`
private func reflect(_ x: inout [Double], at normal: [Double], from start: Int, _ square: Double) {
  let factor = 2 * dot(normal, x, from: start) / square
  let count = x.count
  x.withUnsafeMutableBufferPointer { x in
    normal.withUnsafeBufferPointer { normal in
      for i in start..<count { x[i] -= factor * normal[i] }
    }
  }
}

extension Initializer where Self == OrthogonalInitializer {
  public static var orthogonal: OrthogonalInitializer { OrthogonalInitializer() }
  public static func orthogonal(gain: Double = 1, seed: RandomSeed = nil) -> OrthogonalInitializer {
    OrthogonalInitializer(gain: gain, seed: seed)
  }
}
