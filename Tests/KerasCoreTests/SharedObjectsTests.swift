import KerasCore
import Testing

@Suite struct SharedObjectsTests {
  @Test func theyLastAsLongAsSomebodyHoldsThem() throws {
    final class Thing: Sendable {}
    let things = SharedObjects<Int, Thing>()
    var held: [Thing] = []
    for key in 0..<100 {
      held.append(things.object(for: key) { Thing() })
      #expect(things.object(for: key) { Thing() } === held[key])
    }
    held.removeFirst(90)
    #expect(things.object(for: 95) { Thing() } === held[5])
    for key in 100..<1000 { _ = things.object(for: key) { Thing() } }
    // Those that are gone are forgotten.
    #expect(things.count < 200)
    #expect(things.object(for: 99) { Thing() } === held[9])
  }
}
