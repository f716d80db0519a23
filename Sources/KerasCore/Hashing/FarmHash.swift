/// FarmHash's 64-bit fingerprint: the hash TensorFlow sorts strings into buckets with, the same on every machine.
///
/// Geoff Pike's FarmHash (Google, 2014), function `Fingerprint64`, https://github.com/google/farmhash
package enum FarmHash {
  private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127
  private static let k1: UInt64 = 0xb492_b66f_be98_f273
  private static let k2: UInt64 = 0x9ae1_6a3b_2f90_404f

  package static func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt64 {
    let bytes = ContiguousArray(bytes)
    return bytes.withUnsafeBytes { raw in
      let text = Text(bytes: raw)
      return switch raw.count {
      case 0...16: upTo16(text)
      case 17...32: upTo32(text)
      case 33...64: upTo64(text)
      default: longer(text)
      }
    }
  }

  /// Little-endian words at any place.
  private struct Text {
    let bytes: UnsafeRawBufferPointer
    var count: Int { bytes.count }
    subscript(_ start: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    }
    func word32(_ start: Int) -> UInt64 {
      UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    }
  }

  private static func rotated(_ x: UInt64, _ count: UInt64) -> UInt64 { x >> count | x << (64 - count) }
  private static func mixed(_ x: UInt64) -> UInt64 { x ^ (x >> 47) }

  private static func combined(_ u: UInt64, _ v: UInt64, _ multiplier: UInt64) -> UInt64 {
    let a = mixed((u ^ v) &* multiplier)
    return mixed((v ^ a) &* multiplier) &* multiplier
  }

  private static func upTo16(_ s: Text) -> UInt64 {
    let count = UInt64(s.count)
    let multiplier = k2 &+ count &* 2
    switch s.count {
    case 8...:
      let a = s[0] &+ k2
      let b = s[s.count - 8]
      let c = rotated(b, 37) &* multiplier &+ a
      let d = (rotated(a, 25) &+ b) &* multiplier
      return combined(c, d, multiplier)
    case 4...: return combined(count &+ (s.word32(0) << 3), s.word32(s.count - 4), multiplier)
    case 1...:
      let y = UInt32(s.bytes[0]) &+ UInt32(s.bytes[s.count >> 1]) << 8
      let z = UInt32(s.count) &+ UInt32(s.bytes[s.count - 1]) << 2
      return mixed(UInt64(y) &* k2 ^ UInt64(z) &* k0) &* k2
    default: return k2
    }
  }

  private static func upTo32(_ s: Text) -> UInt64 {
    let multiplier = k2 &+ UInt64(s.count) &* 2
    let a = s[0] &* k1
    let b = s[8]
    let c = s[s.count - 8] &* multiplier
    let d = s[s.count - 16] &* k2
    return combined(
      rotated(a &+ b, 43) &+ rotated(c, 30) &+ d, a &+ rotated(b &+ k2, 18) &+ c, multiplier)
  }

  private static func upTo64(_ s: Text) -> UInt64 {
    let multiplier = k2 &+ UInt64(s.count) &* 2
    let a = s[0] &* k2
    let b = s[8]
    let c = s[s.count - 8] &* multiplier
    let d = s[s.count - 16] &* k2
    let y = rotated(a &+ b, 43) &+ rotated(c, 30) &+ d
    let z = combined(y, a &+ rotated(b &+ k2, 18) &+ c, multiplier)
    let e = s[16] &* multiplier
    let f = s[24]
    let g = (y &+ s[s.count - 32]) &* multiplier
    let h = (z &+ s[s.count - 24]) &* multiplier
    return combined(
      rotated(e &+ f, 43) &+ rotated(g, 30) &+ h, e &+ rotated(f &+ a, 18) &+ g, multiplier)
  }

  private typealias Pair = (first: UInt64, second: UInt64)

  /// Of 32 bytes and two seeds.
  private static func weakHash(_ s: Text, _ start: Int, _ seedA: UInt64, _ seedB: UInt64) -> Pair {
    let (w, x, y, z) = (s[start], s[start + 8], s[start + 16], s[start + 24])
    let a = seedA &+ w
    let b = rotated(seedB &+ a &+ z, 21)
    let sum = a &+ x &+ y
    return (sum &+ z, b &+ rotated(sum, 44) &+ a)
  }

  private static func longer(_ s: Text) -> UInt64 {
    let seed: UInt64 = 81
    var x = seed
    var y = seed &* k1 &+ 113
    var z = mixed(y &* k2 &+ 113) &* k2
    var v: Pair = (0, 0)
    var w: Pair = (0, 0)
    x = x &* k2 &+ s[0]
    // Whole blocks of 64 bytes, then the last 64 once more.
    let end = (s.count - 1) / 64 * 64
    let rest = UInt64((s.count - 1) & 63)
    var start = 0
    repeat {
      x = rotated(x &+ y &+ v.first &+ s[start + 8], 37) &* k1
      y = rotated(y &+ v.second &+ s[start + 48], 42) &* k1
      x ^= w.second
      y = y &+ v.first &+ s[start + 40]
      z = rotated(z &+ w.first, 33) &* k1
      v = weakHash(s, start, v.second &* k1, x &+ w.first)
      w = weakHash(s, start + 32, z &+ w.second, y &+ s[start + 16])
      swap(&z, &x)
      start += 64
    } while start != end
    let multiplier = k1 &+ (z & 0xff) << 1
    start = s.count - 64
    w.first = w.first &+ rest
    v.first = v.first &+ w.first
    w.first = w.first &+ v.first
    x = rotated(x &+ y &+ v.first &+ s[start + 8], 37) &* multiplier
    y = rotated(y &+ v.second &+ s[start + 48], 42) &* multiplier
    x ^= w.second &* 9
    y = y &+ v.first &* 9 &+ s[start + 40]
    z = rotated(z &+ w.first, 33) &* multiplier
    v = weakHash(s, start, v.second &* multiplier, x &+ w.first)
    w = weakHash(s, start + 32, z &+ w.second, y &+ s[start + 16])
    swap(&z, &x)
    return combined(
      combined(v.first, w.first, multiplier) &+ mixed(y) &* k0 &+ z,
      combined(v.second, w.second, multiplier) &+ x, multiplier)
  }

  /// One fingerprint of two, as TensorFlow's crossed columns have it.
  package static func concatenated(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let multiplier: UInt64 = 0xc6a4_a793_5bd1_e995
    var result = a ^ multiplier
    result ^= mixed(b &* multiplier) &* multiplier
    result = result &* multiplier
    return mixed(mixed(result) &* multiplier)
  }
}
