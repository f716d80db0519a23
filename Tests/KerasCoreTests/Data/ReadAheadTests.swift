import KerasCore
import Synchronization
import Testing

/// Things made before they are asked for.
@Suite struct ReadAheadTests {
  @Test(arguments: [1, 2, 5]) func keepsTheOrderAndEndsOnce(_ count: Int) throws {
    nonisolated(unsafe) var number = 0
    let reader = ReadAhead<Int>(count) { () throws(KerasError) in
      number += 1
      return number <= 20 ? number : nil
    }
    for expected in 1...20 { #expect(try reader.next() == expected) }
    for _ in 0..<3 { #expect(try reader.next() == nil) }
  }

  /// What came before an error is handed out first, and after it there is nothing.
  @Test func errorsWaitForTheirTurn() throws {
    nonisolated(unsafe) var number = 0
    let reader = ReadAhead<Int>(4) { () throws(KerasError) in
      number += 1
      if number == 3 { throw KerasError(.custom, "broken") }
      return number
    }
    #expect(try reader.next() == 1)
    #expect(try reader.next() == 2)
    let error = #expect(throws: KerasError.self) { try reader.next() }
    #expect(error?.what == "broken")
    for _ in 0..<3 { #expect(try reader.next() == nil) }
  }

  /// No more wait than was said.
  @Test func memoryIsBounded() throws {
    let made = Mutex(0)
    let reader = ReadAhead<Int>(2) { () throws(KerasError) in
      made.withLock { made in
        made += 1
        return made
      }
    }
    for taken in 1...50 {
      #expect(try reader.next() == taken)
      // Two wait, and one may be in the making.
      #expect(made.withLock { $0 } <= taken + 3)
    }
  }
}
