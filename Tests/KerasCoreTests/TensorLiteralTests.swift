import KerasCore
import Testing

@Suite struct TensorLiteralTests {
  @Test func literalsHaveKerasTypes() throws {
    #expect(Tensor([0.1, 0.2]).spec == TensorSpec([2], .float32))
    #expect(Tensor([1, 2, 3]).spec == TensorSpec([3], .int32))
    #expect(Tensor([1, 5_000_000_000]).scalars() == [1, 5_000_000_000] as [Int64])
    #expect(Tensor([true, false]).dataType == .bool)
    #expect(Tensor([[1, 2], [3, 4.5]]).spec == TensorSpec([2, 2], .float32))
    #expect(Tensor([[[1], [2]]]).spec == TensorSpec([1, 2, 1], .int32))
    #expect(Tensor([1.5, -.infinity]).scalars(as: Float.self) == [1.5, -.infinity])
    #expect(Tensor(0.5).spec == TensorSpec([] as [Int], .float32))
    #expect(Tensor(scalar: 0.5).dataType == .float32)
    #expect(Tensor(repeating: 0.5, shape: [2, 3]).scalars(as: Float.self) == [Float](repeating: 0.5, count: 6))
    #expect(try Tensor([0.1, 0.2, 0.3], shape: [1, 3]).spec == TensorSpec([1, 3], .float32))
    #expect(Tensor([0.1], dataType: .float64).scalars() == [0.1])
  }

  @Test func arraysKeepTheirType() throws {
    let doubles = [0.1, 0.2]
    #expect(Tensor(doubles).dataType == .float64)
    #expect(Tensor(doubles, dataType: .float32).dataType == .float32)
    #expect(try Tensor(doubles, shape: [2, 1], dataType: .float32).spec == TensorSpec([2, 1], .float32))
    let rows: [[Float]] = [[1, 2], [3, 4]]
    #expect(try Tensor(rows).spec == TensorSpec([2, 2], .float32))
    #expect(Tensor([1, 2].map { $0 + 1 }).dataType == .int64)
    let ragged: [[Float]] = [[1, 2], [3]]
    let error = #expect(throws: KerasError.self) { try Tensor(ragged) }
    #expect(error?.description == "Row 0 has 2 elements and row 1 has 1.\n  try: fill up the shorter rows.")
  }

  @Test func wrongCountsAreErrors() {
    let error = #expect(throws: KerasError.self) { try Tensor([0.1, 0.2], shape: [3]) }
    #expect(
      error?.description
        == "Shape [3] does not hold 2 elements.\n  try: pass exactly the product of the shape's lengths.")
  }

  #if os(Linux)
    @Test func traps() async {
      func expectStop(_ result: ExitTest.Result?, saying sentence: String) {
        let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(words.contains("Fatal error: \(sentence)\n"), "\(words)")
      }
      expectStop(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = Tensor([[1, 2], [3]])
        }, saying: "A tensor's rows must be of one length; the lists of this literal are not.")
      let negative = "A tensor's lengths are not negative and fit into memory, found [2, -1]."
      expectStop(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = Tensor(zeros: [2, -1])
        }, saying: negative)
      expectStop(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = Tensor(repeating: 1, shape: [2, -1])
        }, saying: negative)
      expectStop(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          Tensor(zeros: [2]).withUnsafeScalars(of: Int32.self) { _ in }
        },
        saying:
          "A float32 tensor was read as int32: read it as its own type, or use scalars(as:), which converts.")
    }
  #endif
}
