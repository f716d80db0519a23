import Glibc

/// The inner loops of resampling: Pillow's fixed-point arithmetic on 8-bit channels.
///
/// A sum begins at one half and loses its 22 fractional bits at the end, which rounds to nearest; then it is
/// clipped to 0…255.
enum ResamplingPasses {
  private static let half: Int32 = 1 << (ResamplingAxis.precision - 1)

  @inline(__always)
  private static func clipped(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: max(0, min(255, sum >> Int32(ResamplingAxis.precision))))
  }

  /// Resamples one row along x.
  static func horizontal(
    _ input: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>, channelCount: Int,
    _ axis: ResamplingAxis
  ) {
    axis.fixedWeights.withUnsafeBufferPointer { weights in
      guard var weight = weights.baseAddress else { return }
      var result = output
      for i in 0..<axis.starts.count {
        let first = input + axis.starts[i] * channelCount
        mixPixel(first, to: result, channelCount, weight, axis.counts[i])
        result += channelCount
        weight += axis.stride
      }
    }
  }

  @inline(__always)
  private static func mixPixel(
    _ first: UnsafePointer<UInt8>, to result: UnsafeMutablePointer<UInt8>, _ channelCount: Int,
    _ weights: UnsafePointer<Int32>, _ count: Int
  ) {
    var pixel = first
    switch channelCount {
    case 1:
      var sum = half
      for k in 0..<count { sum &+= Int32(first[k]) &* weights[k] }
      result[0] = clipped(sum)
    case 3:
      var (red, green, blue) = (half, half, half)
      for k in 0..<count {
        red &+= Int32(pixel[0]) &* weights[k]
        green &+= Int32(pixel[1]) &* weights[k]
        blue &+= Int32(pixel[2]) &* weights[k]
        pixel += 3
      }
      result[0] = clipped(red)
      result[1] = clipped(green)
      result[2] = clipped(blue)
    default:
      var (red, green, blue, alpha) = (half, half, half, half)
      for k in 0..<count {
        red &+= Int32(pixel[0]) &* weights[k]
        green &+= Int32(pixel[1]) &* weights[k]
        blue &+= Int32(pixel[2]) &* weights[k]
        alpha &+= Int32(pixel[3]) &* weights[k]
        pixel += 4
      }
      result[0] = clipped(red)
      result[1] = clipped(green)
      result[2] = clipped(blue)
      result[3] = clipped(alpha)
    }
  }

  /// Mixes `count` rows of `byteCount` bytes, `stride` apart, into one.
  static func vertical(
    _ input: UnsafePointer<UInt8>, stride: Int, to output: UnsafeMutablePointer<UInt8>, byteCount: Int,
    _ weights: UnsafePointer<Int32>, _ count: Int
  ) {
    var x = 0
    while x + 16 <= byteCount {
      var sum = SIMD16<Int32>(repeating: half)
      var row = input + x
      for k in 0..<count {
        let pixels = UnsafeRawPointer(row).loadUnaligned(as: SIMD16<UInt8>.self)
        sum &+= SIMD16<Int32>(truncatingIfNeeded: pixels) &* SIMD16<Int32>(repeating: weights[k])
        row += stride
      }
      let rounded = sum &>> SIMD16<Int32>(repeating: Int32(ResamplingAxis.precision))
      let clipped = rounded.clamped(lowerBound: .zero, upperBound: SIMD16<Int32>(repeating: 255))
      UnsafeMutableRawPointer(output + x).storeBytes(
        of: SIMD16<UInt8>(truncatingIfNeeded: clipped), as: SIMD16<UInt8>.self)
      x += 16
    }
    while x < byteCount {
      var sum = half
      for k in 0..<count { sum &+= Int32(input[x + k * stride]) &* weights[k] }
      output[x] = clipped(sum)
      x += 1
    }
  }

  /// Grey of 16 bits is mixed in double precision.
  static func mixed16(
    _ input: UnsafePointer<UInt16>, stride: Int, _ weights: UnsafePointer<Double>, _ count: Int
  ) -> UInt16 {
    var sum = 0.0
    for k in 0..<count { sum += Double(input[k * stride]) * weights[k] }
    return UInt16(max(0, min(65_535, sum >= 0 ? sum + 0.5 : sum - 0.5)))
  }
}
