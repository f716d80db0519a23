import KerasCore

/// Changes a few bytes of a file: flipped bits, ones, zeros, addresses, copies of other bytes, a shorter file.
struct Mutator {
  private let random = CounterRandom(seed: 0)
  private let seed: UInt64
  private var counter: UInt64 = 0

  init(seed: UInt64) { self.seed = seed }

  private mutating func next(below limit: Int) -> Int {
    counter += 1
    return Int(random.bits(stream: seed, at: counter) % UInt64(limit))
  }

  mutating func changed(_ whole: [UInt8]) -> [UInt8] {
    var bytes = whole
    if next(below: 20) == 0 { bytes.removeLast(next(below: bytes.count)) }
    guard bytes.count > 16 else { return bytes }
    // Two thirds of the changes hit the front and the end, where the structures are.
    for _ in 0...next(below: 6) {
      let at: Int
      switch next(below: 3) {
      case 0: at = next(below: bytes.count - 8)
      case 1: at = next(below: min(bytes.count - 8, 4096))
      default: at = bytes.count - 8 - next(below: min(bytes.count - 8, 512))
      }
      switch next(below: 6) {
      case 0: bytes[at] ^= 1 << UInt8(next(below: 8))
      case 1: bytes[at] = UInt8(next(below: 256))
      case 2: for i in 0..<8 { bytes[at + i] = 0xFF }
      case 3: for i in 0..<8 { bytes[at + i] = 0 }
      case 4:
        let address = next(below: bytes.count)
        for i in 0..<8 { bytes[at & ~7 + i] = UInt8(truncatingIfNeeded: address >> (8 * i)) }
      default:
        let from = next(below: bytes.count - 8)
        for i in 0..<8 { bytes[at + i] = bytes[from + i] }
      }
    }
    return bytes
  }
}
