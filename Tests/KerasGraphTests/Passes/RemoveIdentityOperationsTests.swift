import KerasGraph
import Testing

struct RemoveIdentityOperationsTests {
  @Test func dropsEachOperationThatReturnsItsInput() throws {
    try expect(
      RemoveIdentityOperations(),
      turns: """
        %0 = input() : float32(1, 4, 4, 2)
        %1 = reshape(%0) [1, 4, 4, 2] : float32(1, 4, 4, 2)
        %2 = transpose(%1) [0, 1, 2, 3] : float32(1, 4, 4, 2)
        %3 = pad(%2) [0+0, 0+0, 0+0, 0+0] : float32(1, 4, 4, 2)
        %4 = cast(%3) to float32 : float32(1, 4, 4, 2)
        %5 = slice(%4) [0..<1, 0..<4, 0..<4, 0..<2] : float32(1, 4, 4, 2)
        %6 = concatenate(%5) axis 3 : float32(1, 4, 4, 2)
        %7 = reduction(%6) sum axes [] : float32(1, 4, 4, 2)
        %8 = pooling(%7) maximum window [1, 1] : float32(1, 4, 4, 2)
        %9 = unary(%8) linear(scale: 1.0, offset: 0.0) : float32(1, 4, 4, 2)
        return %9
        """,
      into: """
        %0 = input() : float32(1, 4, 4, 2)
        return %0
        """
    ) { builder throws(KerasError) in
      var x = builder.input(TensorSpec([1, 4, 4, 2]))
      x = try builder.reshape(x, to: [1, 4, 4, 2])
      x = try builder.transpose(x, [0, 1, 2, 3])
      x = try builder.pad(x, [.none, .none, .none, .none])
      x = try builder.append(.cast(CastOperation(to: .float32)), [x])[0]
      x = try builder.slice(x, starts: [0, 0, 0, 0], ends: [1, 4, 4, 2])
      x = try builder.concatenate([x])
      x = try builder.reduce(.sum, x, axes: [])
      x = try builder.pooling(.maximum, x, window: Window([1, 1]))
      return [try builder.unary(.linear(scale: 1, offset: 0), x)]
    }
  }

  @Test func leavesOperationsThatKeepOnlyTheShape() throws {
    try expectUnchanged(by: RemoveIdentityOperations()) { builder throws(KerasError) in
      let x = builder.input(TensorSpec([3, 3]))
      let image = builder.input(TensorSpec([1, 4, 1]))
      return [
        try builder.transpose(x, [1, 0]), try builder.softmax(x),
        try builder.unary(.linear(scale: 1, offset: 1), x),
        try builder.pooling(
          .maximum, image, window: Window([3], padding: [AxisPadding(1, 1)])),
        try builder.reduce(.sum, builder.input(TensorSpec([3, 1])), axes: [1], keepsDimensions: true),
        try builder.add(x, x),
      ]
    }
  }
}
