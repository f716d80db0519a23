import COpenBLAS
import KerasCore

extension ImageDataGenerator {
  /// Learns mean, deviation and correlations of pictures, for the settings that need them.
  ///
  /// - Parameters:
  ///   - pictures: `[samples, height, width, channels]`, or with channels first.
  ///   - augmenting: whether it learns from changed pictures, of each `rounds`.
  /// - Throws: `shapeMismatch` for other shapes; `invalidArgument` where correlations of so many numbers are too large.
  public mutating func fit(
    _ pictures: Tensor, augmenting: Bool = false, rounds: Int = 1, seed: UInt32 = 0
  ) throws(KerasError) {
    let channels = try channelCount(of: pictures)
    guard pictures.shape.count == 4 else {
      throw KerasError(.shapeMismatch, "Expected a batch of pictures, found shape \(pictures.shape).")
    }
    try require((1...1000).contains(rounds), "There are 1 to 1000 rounds, found \(rounds).")
    var shape = pictures.shape
    var numbers: [Float] = pictures.scalars()
    if let rescale { for i in numbers.indices { numbers[i] *= Float(rescale) } }
    if augmenting {
      var random = NumPyRandom(seed: seed)
      let scaled = try Tensor(numbers, shape: shape)
      numbers = []
      for _ in 0..<rounds {
        for sample in 0..<shape[0] {
          let picture = try scaled.rows(sample..<sample + 1).reshaped(to: Array(shape.dropFirst()))
          let grid = try PixelGrid(picture, dataFormat)
          let transform = randomTransform(height: grid.height, width: grid.width, &random)
          numbers += try applying(transform, to: grid).tensor(dataFormat).scalars(as: Float.self)
        }
      }
      shape[0] *= rounds
    }
    let plane = dataFormat == .channelsLast ? 1 : shape[2] * shape[3]
    func each(_ change: (inout Float, Int) -> Void) {
      for i in numbers.indices { change(&numbers[i], i / plane % channels) }
    }
    let perChannel = Double(numbers.count / channels)
    if featurewiseCenter {
      var sums = [Double](repeating: 0, count: channels)
      each { sums[$1] += Double($0) }
      let means = sums.map { Float($0 / perChannel) }
      each { $0 -= means[$1] }
      mean = means
    }
    if featurewiseStdNormalization {
      var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
      each {
        sums[$1] += Double($0)
        squares[$1] += Double($0) * Double($0)
      }
      let deviations = zip(sums, squares).map { sum, square in
        Float(max(square / perChannel - (sum / perChannel) * (sum / perChannel), 0).squareRoot())
      }
      each { $0 /= deviations[$1] + 1e-6 }
      standardDeviation = deviations
    }
    if zcaWhitening { whiteningMatrix = try Self.whitening(numbers, samples: shape[0], epsilon: zcaEpsilon) }
  }

  /// U · diag(√n / (S + ε)) · Uᵀ of the singular values S of the samples, and their vectors U.
  ///
  /// Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009), appendix A. S and U come from the
  /// eigenvalues of the products of numbers with each other. Directions in which samples do not differ stay out: Keras
  /// has rounding errors there.
  private static func whitening(_ numbers: [Float], samples: Int, epsilon: Double) throws(KerasError)
    -> Tensor
  {
    let width = numbers.count / max(samples, 1)
    guard samples > 1, width <= 8192 else {
      throw KerasError(
        .invalidArgument,
        "Whitening needs two pictures or more, of up to 8192 numbers each; found \(samples) of \(width).")
    }
    let x = numbers.map(Double.init)
    var products = [Double](repeating: 0, count: width * width)
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, Int32(width), Int32(samples), 1, x, Int32(width), 0, &products,
      Int32(width))
    let values = try eigenvectors(&products, width)
    // Row number k of `products` is the vector of value number k.
    let largest = (values.last ?? 0).squareRoot()
    for (k, value) in values.enumerated() {
      let s = max(value, 0).squareRoot()
      let factor = s > largest * 1e-7 ? (Double(samples).squareRoot() / (s + epsilon)).squareRoot() : 0
      for i in 0..<width { products[k * width + i] *= factor }
    }
    var matrix = [Double](repeating: 0, count: width * width)
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, Int32(width), Int32(width), 1, products, Int32(width), 0,
      &matrix,
      Int32(width))
    return Tensor(uninitialized: [width, width], Float.self) { elements in
      for i in 0..<width {
        for j in 0..<width { elements[i * width + j] = Float(matrix[min(i, j) * width + max(i, j)]) }
      }
    }
  }

  /// The eigenvalues of a symmetric matrix, ascending; their vectors become its rows.
  private static func eigenvectors(_ matrix: inout [Double], _ width: Int) throws(KerasError) -> [Double] {
    var values = [Double](repeating: 0, count: width)
    var status: Int32 = 0
    let (n, stride) = (Int32(width), Int32(width))
    let (wanted, half) = (CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")))
    var (work, whole) = ([0.0], [Int32(0)])
    var (workLength, wholeLength): (Int32, Int32) = (-1, -1)
    // The first call asks how much room the second needs. Rows here are LAPACK's columns.
    dsyevd_(
      [wanted], [half], [n], &matrix, [stride], &values, &work, [workLength], &whole, [wholeLength], &status)
    (workLength, wholeLength) = (Int32(work[0]), whole[0])
    work = [Double](repeating: 0, count: Int(max(workLength, 1)))
    whole = [Int32](repeating: 0, count: Int(max(wholeLength, 1)))
    dsyevd_(
      [wanted], [half], [n], &matrix, [stride], &values, &work, [workLength], &whole, [wholeLength], &status)
    try require(
      status == 0, .libraryFailure, "LAPACK did not find the eigenvalues of the pictures: \(status).")
    return values
  }

  /// Pictures times the matrix that takes correlations out.
  func whitened(_ numbers: [Float], _ matrix: Tensor) throws(KerasError) -> [Float] {
    let width = matrix.shape[0]
    try require(
      numbers.count % width == 0, .shapeMismatch,
      "The generator has seen pictures of \(width) numbers, found \(numbers.count).")
    let rows = numbers.count / width
    var result = [Float](repeating: 0, count: numbers.count)
    let weights: [Float] = matrix.scalars()
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(width), Int32(width), 1, numbers,
      Int32(width), weights, Int32(width), 0, &result, Int32(width))
    return result
  }
}
