import KerasCore
import Testing

struct BFloat16Tests {
  @Test(
    arguments: [
      (0x3F80_0000, 0x3F80),  // 1
      (0x3F80_8000, 0x3F80),  // halfway, to even: down
      (0x3F81_8000, 0x3F82),  // halfway, to even: up
      (0x3F80_8001, 0x3F81),  // just above halfway
      (0x3F80_7FFF, 0x3F80),  // just below halfway
      (0x7F7F_FFFF, 0x7F80),  // the largest float rounds to infinity
      (0xFF80_0000, 0xFF80),  // −infinity
      (0x8000_0000, 0x8000),  // −0
      (0x0000_0001, 0x0000),  // the smallest subnormal
    ] as [(UInt32, UInt16)])
  func roundsToNearestEven(float: UInt32, expected: UInt16) {
    #expect(BFloat16(Float(bitPattern: float)).bitPattern == expected)
  }

  @Test(arguments: [0x7F80_0001, 0xFFFF_FFFF, 0x7FC0_0000] as [UInt32])
  func nansStayNans(bits: UInt32) {
    #expect(Float(BFloat16(Float(bitPattern: bits))).isNaN)
  }

  @Test func everyPatternSurvivesTheRoundTrip() {
    let changed = (UInt16.min...UInt16.max).filter { bits in
      let float = Float(BFloat16(bitPattern: bits))
      return !float.isNaN && BFloat16(float).bitPattern != bits
    }
    #expect(changed == [])
  }
}
