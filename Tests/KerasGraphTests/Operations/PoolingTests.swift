import KerasGraph
import Testing

struct PoolingTests {
  @Test func givesThePositionsOfTheWindow() {
    let operation = PoolingOperation(
      .maximum, Window([3, 3], strides: [2, 2], padding: [AxisPadding(1, 1), .none]))
    #expect(outcome(.pooling(operation), spec(2, 7, 9, 4)) == "float32(2, 4, 4, 4)")
    #expect(outcome(.pooling(operation), spec(nil, nil, 9, nil)) == "float32(None, None, 4, None)")
  }

  @Test func refusesWhatDoesNotFit() {
    let operation = Operation.pooling(PoolingOperation(.average, Window([3, 3])))
    #expect(
      outcome(operation, spec(1, 2, 9, 4)) == """
        A window of 3 does not fit into 2 elements with padding 0+0.
          try: use a larger input, a smaller window, or padding `same`.
        """)
    #expect(
      outcome(operation, spec(1, 9, 4))
        == "Pooling over 2 axes takes a tensor of rank 4, found float32(1, 9, 4).")
    #expect(
      outcome(operation, spec(1, 9, 9, 4, of: .int32))
        == "Pooling over 2 axes takes a tensor of rank 4, found int32(1, 9, 9, 4).")
  }

  @Test func refusesWindowsFullOfPadding() {
    let dense = PoolingOperation(.maximum, Window([2], padding: [AxisPadding(2, 0)]))
    #expect(outcome(.pooling(dense), spec(1, 9, 4)) == "Padding 2+0 leaves pooling windows of 2 empty.")
    // Taps 0 and 2 around the only element.
    let holes = PoolingOperation(.average, Window([2], dilations: [2], padding: [AxisPadding(1, 1)]))
    #expect(outcome(.pooling(holes), spec(1, 1, 4)) == "Padding 1+1 leaves pooling windows of 2 empty.")
    #expect(outcome(.pooling(holes), spec(1, 2, 4)) == "float32(1, 2, 4)")
  }
}
