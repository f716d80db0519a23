import KerasGraph
import Testing

struct MatrixMultiplyTests {
  @Test func givesRowsByColumns() {
    let plain = Operation.matrixMultiply(MatrixMultiplyOperation())
    #expect(outcome(plain, spec(2, 3), spec(3, 4)) == "float32(2, 4)")
    #expect(outcome(plain, spec(nil, 7, 2, 3), spec(3, 4)) == "float32(None, 7, 2, 4)")
    #expect(outcome(plain, spec(nil, 2, 3), spec(5, 3, 4)) == "float32(5, 2, 4)")
    let turned = Operation.matrixMultiply(
      MatrixMultiplyOperation(transposesFirst: true, transposesSecond: true))
    #expect(outcome(turned, spec(3, 2), spec(4, 3)) == "float32(2, 4)")
  }

  private static let lengths =
    "the first's last length is the second's last but one, and stacks have equal leading lengths; transpose or "
    + "reshape one of them."
  private static let axes = "give both at least two axes."
  private static let types = "convert both to one real type."

  @Test(arguments: [
    (spec(2, 3), spec(4, 5), lengths), (spec(3), spec(3, 4), axes), (spec(2, 2, 3), spec(5, 3, 4), lengths),
    (spec(2, 3), spec(1, 3, 4), lengths), (spec(2, 3, of: .int32), spec(3, 4, of: .int32), types),
    (spec(2, 3), spec(3, 4, of: .float64), types),
  ])
  func refusesWhatDoesNotFit(first: TensorSpec, second: TensorSpec, remedy: String) {
    #expect(
      outcome(.matrixMultiply(MatrixMultiplyOperation()), first, second)
        == "Expected matrices that can be multiplied, found \(first) and \(second).\n  try: \(remedy)")
  }
}
