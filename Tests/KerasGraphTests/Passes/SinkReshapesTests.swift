import KerasGraph
import Testing

struct SinkReshapesTests {
  /// A projection into heads, with a bias and a function.
  @Test func theBiasComesToStandBesideItsProduct() throws {
    try expect(
      SinkReshapes(),
      turns: """
        %0 = input() : float32(3, 8)
        %1 = reshape(%0) [3, 2, 4] : float32(3, 2, 4)
        %2 = constant() : float32(2, 4)
        %3 = binary(%1, %2) add : float32(3, 2, 4)
        %4 = unary(%3) relu : float32(3, 2, 4)
        return %4
        """,
      into: """
        %0 = input() : float32(3, 8)
        %1 = reshape(%0) [3, 2, 4] : float32(3, 2, 4)
        %2 = constant() : float32(2, 4)
        %3 = reshape(%2) [-1] : float32(8,)
        %4 = binary(%0, %3) add : float32(3, 8)
        %5 = reshape(%4) [3, 2, 4] : float32(3, 2, 4)
        %6 = unary(%4) relu : float32(3, 8)
        %7 = reshape(%6) [3, 2, 4] : float32(3, 2, 4)
        return %7
        """
    ) { builder throws(KerasError) in
      let heads = try builder.reshape(builder.input(TensorSpec([3, 8])), to: [3, 2, 4])
      return [try builder.unary(.relu, builder.add(heads, builder.zeros([2, 4])))]
    }
  }

  @Test func leavesWhatVariesAlongOtherAxes() throws {
    try expectUnchanged(by: SinkReshapes()) { builder throws(KerasError) in
      let x = try builder.reshape(builder.input(TensorSpec([3, 8])), to: [3, 2, 4])
      let (rows, columns) = (builder.zeros([3, 1, 1]), builder.zeros([4]))
      return [try builder.add(x, rows), try builder.add(x, columns)]
    }
  }
}
