/// The inner loops of resampling: Pillow's fixed-point arithmetic on 8-bit channels.
///
/// A sum begins at one half and loses its 22 fractional bits at the end, which rounds to nearest; then it is
/// clipped to 0…255. Sums are exact modulo 2³², so cutting weights in two (``WeightPair``) changes nothing.
enum ResamplingPasses {
  /// Rows that are resampled must be readable this far beyond their end: taps are read in pairs, four bytes at
  /// a time, and those beyond the last have the weight 0.
  static let slack = 8

  /// Four sums in the making.
  private struct Sums {
    var low = SIMD4<Int32>(repeating: 0)
    var high = SIMD4<Int32>(repeating: 0)

    /// Adds `pixels[2i] · first weight + pixels[2i + 1] · second weight` to sum `i`.
    @inline(__always)
    mutating func add(_ pixels: SIMD8<UInt8>, _ weights: WeightPair) {
      let wide = SIMD8<Int32>(truncatingIfNeeded: pixels)
      let lowProducts = wide &* SIMD8<Int32>(truncatingIfNeeded: weights.low)
      let highProducts = wide &* SIMD8<Int32>(truncatingIfNeeded: weights.high)
      low &+= lowProducts.evenHalf &+ lowProducts.oddHalf
      high &+= highProducts.evenHalf &+ highProducts.oddHalf
    }

    @inline(__always)
    var rounded: SIMD4<UInt8> {
      let half = SIMD4<Int32>(repeating: 1 << Int32(ResamplingAxis.precision - 1))
      let sum = half &+ low &+ (high &<< SIMD4<Int32>(repeating: WeightPair.lowBits))
      let whole = sum &>> SIMD4<Int32>(repeating: Int32(ResamplingAxis.precision))
      return SIMD4<UInt8>(
        truncatingIfNeeded: whole.clamped(lowerBound: .zero, upperBound: SIMD4<Int32>(repeating: 255)))
    }
  }

  /// Resamples one row along x.
  static func horizontal(
    _ input: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>, channelCount: Int,
    _ axis: ResamplingAxis
  ) {
    switch channelCount {
    case 1: horizontal(input, to: output, step: 1, axis)
    case 3: horizontal(input, to: output, step: 3, axis)
    default: horizontal(input, to: output, step: 4, axis)
    }
  }

  @inline(__always)
  private static func horizontal(
    _ input: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>, step: Int, _ axis: ResamplingAxis
  ) {
    let pairStride = axis.pairStride
    axis.pairs.withUnsafeBufferPointer { pairs in
      axis.starts.withUnsafeBufferPointer { starts in
        axis.counts.withUnsafeBufferPointer { counts in
          guard var pair = pairs.baseAddress else { return }
          var result = output
          for i in 0..<starts.count {
            var pixel = UnsafeRawPointer(input + starts[i] * step)
            var sums = Sums()
            for j in 0..<(counts[i] + 1) / 2 {
              // One load and a shift: of two loads that overlap the compiler makes worse code.
              let bits = load(pixel)
              sums.add(interleaved(bits, bits >> UInt64(8 * step)), pair[j])
              pixel += 2 * step
            }
            let rounded = sums.rounded
            for channel in 0..<step { result[channel] = rounded[channel] }
            result += step
            pair += pairStride
          }
        }
      }
    }
  }

  /// Eight bytes, the first one lowest.
  @inline(__always)
  private static func load(_ address: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
  }

  /// The low four bytes of both, taken in turn.
  @inline(__always)
  private static func interleaved(_ a: UInt64, _ b: UInt64) -> SIMD8<UInt8> {
    var result = SIMD8<UInt8>()
    result.evenHalf = unsafeBitCast(a.littleEndian, to: SIMD8<UInt8>.self).lowHalf
    result.oddHalf = unsafeBitCast(b.littleEndian, to: SIMD8<UInt8>.self).lowHalf
    return result
  }

  /// Mixes `count` rows of `byteCount` bytes, `stride` apart, into one.
  static func vertical(
    _ input: UnsafePointer<UInt8>, stride: Int, to output: UnsafeMutablePointer<UInt8>, byteCount: Int,
    _ pairs: UnsafePointer<WeightPair>, _ count: Int
  ) {
    var x = 0
    while x + 8 <= byteCount {
      var (left, right) = (Sums(), Sums())
      for j in 0..<(count + 1) / 2 {
        let first = UnsafeRawPointer(input + 2 * j * stride + x)
        // The last row of an odd number has no partner: its own bytes, times 0, stand in.
        let second = 2 * j + 1 < count ? first + stride : first
        let (a, b) = (load(first), load(second))
        left.add(interleaved(a, b), pairs[j])
        right.add(interleaved(a >> 32, b >> 32), pairs[j])
      }
      let rounded = SIMD8<UInt8>(lowHalf: left.rounded, highHalf: right.rounded)
      UnsafeMutableRawPointer(output + x).storeBytes(of: rounded, as: SIMD8<UInt8>.self)
      x += 8
    }
    while x < byteCount {
      var sums = Sums()
      for j in 0..<(count + 1) / 2 {
        var pixels = SIMD8<UInt8>()
        pixels[0] = input[2 * j * stride + x]
        pixels[1] = 2 * j + 1 < count ? input[(2 * j + 1) * stride + x] : 0
        sums.add(pixels, pairs[j])
      }
      output[x] = sums.rounded[0]
      x += 1
    }
  }
}
