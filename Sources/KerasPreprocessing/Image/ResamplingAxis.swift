/// Which source pixels make each output pixel along one axis, and with what weights.
///
/// Computed as Pillow computes it, in double precision, then rounded to fixed point with 22 bits after the
/// point: products with 8-bit pixels fit 32 bits, with two bits to spare for filters that overshoot.
struct ResamplingAxis {
  static let precision = 22

  /// The first source pixel of each output pixel.
  let starts: [Int]
  /// How many source pixels each output pixel has.
  let counts: [Int]
  /// Weights of output pixel `i` begin at `i · stride`.
  let stride: Int
  let weights: [Double]
  /// The fixed-point weights of taps `2j` and `2j + 1` of output pixel `i` stand at `i · pairStride + j`.
  let pairs: [WeightPair]
  var pairStride: Int { (stride + 1) / 2 }

  /// - Parameters:
  ///   - sourceLength: pixels of the whole source.
  ///   - box: the part of the source that becomes the whole output.
  ///   - length: pixels of the whole output.
  ///   - window: the part of the output that is wanted.
  init(
    sourceLength: Int, box: Range<Int>, length: Int, window: Range<Int>, _ interpolation: Interpolation
  ) {
    let scale = Double(box.count) / Double(length)
    let filterScale = max(scale, 1)
    let support = interpolation.support * filterScale
    let inverseFilterScale = 1 / filterScale
    stride = Int(support.rounded(.up)) * 2 + 1
    var starts: [Int] = []
    var counts: [Int] = []
    var weights = [Double](repeating: 0, count: window.count * stride)
    for (row, index) in window.enumerated() {
      let center = Double(box.lowerBound) + (Double(index) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let count = min(sourceLength, Int(center + support + 0.5)) - start
      var sum = 0.0
      for i in 0..<count {
        let weight = interpolation.weight(at: (Double(i + start) - center + 0.5) * inverseFilterScale)
        weights[row * stride + i] = weight
        sum += weight
      }
      if sum != 0 {
        for i in 0..<count { weights[row * stride + i] /= sum }
      }
      starts.append(start)
      counts.append(count)
    }
    self.starts = starts
    self.counts = counts
    self.weights = weights
    pairs = Self.makePairs(weights, stride)
  }

  private static func makePairs(_ weights: [Double], _ stride: Int) -> [WeightPair] {
    func fixed(_ weight: Double) -> Int32 {
      Int32((weight < 0 ? -0.5 : 0.5) + weight * Double(1 << precision))
    }
    var pairs: [WeightPair] = []
    for start in Swift.stride(from: 0, to: weights.count, by: stride) {
      for tap in Swift.stride(from: 0, to: stride, by: 2) {
        let second = tap + 1 < stride ? fixed(weights[start + tap + 1]) : 0
        pairs.append(WeightPair(fixed(weights[start + tap]), second))
      }
    }
    return pairs
  }

  /// The source pixels that are needed at all.
  var sourceRange: Range<Int> {
    guard let first = starts.first, let last = starts.last, let count = counts.last else { return 0..<0 }
    return first..<last + count
  }
}

/// Two neighbouring fixed-point weights, each cut into its low 15 bits and the signed rest, and laid out four
/// times over: as the processor wants them that multiplies eight 16-bit numbers and adds them in pairs.
struct WeightPair: BitwiseCopyable {
  static let lowBits: Int32 = 15

  let low: SIMD8<Int16>
  let high: SIMD8<Int16>

  init(_ first: Int32, _ second: Int32) {
    func alternating(_ a: Int32, _ b: Int32) -> SIMD8<Int16> {
      let (a, b) = (Int16(truncatingIfNeeded: a), Int16(truncatingIfNeeded: b))
      return SIMD8(a, b, a, b, a, b, a, b)
    }
    let mask: Int32 = (1 << Self.lowBits) - 1
    low = alternating(first & mask, second & mask)
    high = alternating(first >> Self.lowBits, second >> Self.lowBits)
  }
}
