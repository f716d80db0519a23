import KerasGraph
import Testing

/// Reshape, transpose, pad, slice, concatenate and reduction: operations on axes.
struct MovementTests {
  @Test func reshapeFillsInOneLength() {
    #expect(outcome(.reshape(ReshapeOperation([2, -1])), spec(4, 3)) == "float32(2, 6)")
    #expect(outcome(.reshape(ReshapeOperation([-1, 6])), spec(nil, 2, 3)) == "float32(None, 6)")
    #expect(outcome(.reshape(ReshapeOperation([])), spec(1, 1)) == "float32()")
    #expect(outcome(.reshape(ReshapeOperation([0])), spec(0, 3)) == "float32(0,)")
  }

  @Test func reshapeRefusesOtherSizes() {
    #expect(
      outcome(.reshape(ReshapeOperation([5])), spec(4, 3))
        == "The elements of float32(4, 3) do not fill the shape [5].")
    #expect(
      outcome(.reshape(ReshapeOperation([5, -1])), spec(4, 3))
        == "The elements of float32(4, 3) do not fill the shape [5, -1].")
    #expect(
      outcome(.reshape(ReshapeOperation([0, -1])), spec(0, 3))
        == "The elements of float32(0, 3) do not fill the shape [0, -1].")
    #expect(
      outcome(.reshape(ReshapeOperation([-1, -1])), spec(4))
        == "A shape to reshape to has at most one -1 and no other negative length, found [-1, -1].")
    #expect(
      outcome(.reshape(ReshapeOperation([.max, 2])), spec(4))
        == "A shape to reshape to has at most one -1 and no other negative length, found [9223372036854775807, 2]."
    )
  }

  @Test func transposeOrdersAxes() {
    #expect(outcome(.transpose(TransposeOperation([2, 0, 1])), spec(nil, 3, 4)) == "float32(4, None, 3)")
    #expect(
      outcome(.transpose(TransposeOperation([0, 0])), spec(3, 4))
        == "[0, 0] is not an order of the axes of float32(3, 4).")
  }

  @Test func padAddsToBothEnds() {
    #expect(outcome(.pad(PadOperation([AxisPadding(1, 2), .none])), spec(3, nil)) == "float32(6, None)")
    #expect(
      outcome(.pad(PadOperation([AxisPadding(1, 2)])), spec(3, 4))
        == "Padding needs one pair of numbers from 0 to 2147483647 for each axis of float32(3, 4), found [1+2]."
    )
    #expect(
      outcome(.pad(PadOperation([AxisPadding(-1, 2)])), spec(3))
        == "Padding needs one pair of numbers from 0 to 2147483647 for each axis of float32(3,), found [-1+2]."
    )
  }

  @Test func sliceStaysInside() {
    let operation = Operation.slice(SliceOperation(starts: [1, 0], ends: [6, 2], strides: [2, 1]))
    #expect(outcome(operation, spec(7, nil)) == "float32(3, 2)")
    #expect(outcome(operation, spec(5, 2)) == "[1..<6:2, 0..<2] is not inside float32(5, 2).")
    #expect(
      outcome(operation, spec(7)) == "slice needs a start, an end and a stride for each axis of float32(7,).")
    #expect(
      outcome(.slice(SliceOperation(starts: [0], ends: [2], strides: [0])), spec(3))
        == "[0..<2:0] is not inside float32(3,).")
  }

  @Test func concatenateAddsUpOneAxis() {
    let operation = Operation.concatenate(ConcatenateOperation(axis: 1))
    #expect(outcome(operation, spec(2, 3), spec(2, 4), spec(2, 1)) == "float32(2, 8)")
    #expect(outcome(operation, spec(nil, 3), spec(2, nil)) == "float32(2, None)")
    #expect(
      outcome(operation, spec(2, 3), spec(3, 3))
        == """
        Tensors joined along axis 1 must agree in all other axes, found float32(2, 3), float32(3, 3).
          try: reshape, crop or pad them, or join them along the axis in which they differ.
        """)
    #expect(
      outcome(operation, spec(2, 3), spec(2, 3, of: .int8))
        == "Tensors that are joined must be of one type, found float32(2, 3), int8(2, 3).\n"
        + "  try: convert them to one type.")
    #expect(outcome(operation) == "concatenate needs at least one tensor with an axis 1, found none.")
  }

  @Test func reductionDropsOrKeepsAxes() {
    #expect(
      outcome(.reduction(ReductionOperation(.mean, axes: [1, 2])), spec(nil, 7, 7, 3)) == "float32(None, 3)")
    #expect(
      outcome(.reduction(ReductionOperation(.sum, axes: [0, 2], keepsDimensions: true)), spec(nil, 7, 3))
        == "float32(1, 7, 1)")
    #expect(
      outcome(.reduction(ReductionOperation(.sum, axes: [2])), spec(4, 3))
        == "Axes [2] are not distinct axes of float32(4, 3).")
    #expect(
      outcome(.reduction(ReductionOperation(.sum, axes: [1, 1])), spec(4, 3))
        == "Axes [1, 1] are not distinct axes of float32(4, 3).")
  }

  @Test func buildersCountAxesFromTheBack() throws {
    let builder = GraphBuilder()
    let x = builder.input(spec(2, 3, 4))
    #expect(builder.shape(of: try builder.reduce(.sum, x, axes: [-1, 0])) == [3])
    #expect(builder.shape(of: try builder.concatenate([x, x], axis: -2)) == [2, 6, 4])
    let error = #expect(throws: KerasError.self) { _ = try builder.softmax(x, axis: -4) }
    #expect(error?.description == "Axis -4 is outside a tensor of rank 3.")
  }

  @Test func whatHasNoGradientSaysSo() throws {
    let builder = GraphBuilder()
    builder.scope = "conv1"
    let x = builder.input(spec(2))
    let y = try builder.cumulative(.maximum, x, axis: 0)
    let error = #expect(throws: KerasError.self) { _ = try builder.gradients(from: [(y, x)], to: [x]) }
    #expect(
      error?.description == """
        The operation cumulative (maximum axis 0) has no gradient.
          in: conv1
        """)
  }
}
