import KerasGraph
import Testing

/// Unary, binary, batch normalization, softmax and cast.
struct ElementwiseTests {
  @Test func binaryBroadcastsAsNumPyDoes() {
    let add = Operation.binary(BinaryOperation(.add))
    #expect(outcome(add, spec(2, 3), spec(2, 3)) == "float32(2, 3)")
    #expect(outcome(add, spec(2, 1, 4), spec(3, 1)) == "float32(2, 3, 4)")
    #expect(outcome(add, spec(), spec(5)) == "float32(5,)")
    #expect(outcome(add, spec(nil, 3), spec(4, 1)) == "float32(4, 3)")
    #expect(outcome(add, spec(nil, 3), spec(1, 3)) == "float32(None, 3)")
    #expect(outcome(add, spec(nil, 3), spec(nil, 3)) == "float32(None, 3)")
    #expect(outcome(add, spec(0, 3), spec(1, 3)) == "float32(0, 3)")
  }

  @Test func binaryRefusesWhatDoesNotFit() {
    let add = Operation.binary(BinaryOperation(.add))
    #expect(
      outcome(add, spec(2, 3), spec(2, 4)) == "Shapes (2, 3) and (2, 4) do not broadcast to a common one.")
    #expect(
      outcome(add, spec(2), spec(2, of: .int32))
        == "add takes two tensors of one numeric type, found float32(2,) and int32(2,).")
    #expect(
      outcome(add, spec(2, of: .bool), spec(2, of: .bool))
        == "add takes two tensors of one numeric type, found bool(2,) and bool(2,).")
    #expect(outcome(add, spec(2)) == "binary takes 2 inputs, found 1.")
  }

  @Test func binaryWritesOverOperandsOfTheFullShapeOnly() {
    let rule = Operation.binary(BinaryOperation(.add)).rule
    #expect(rule.inPlaceInputs(for: [spec(2, 3), spec(3)]) == [0])
    #expect(rule.inPlaceInputs(for: [spec(1, 3), spec(2, 3)]) == [1])
    #expect(rule.inPlaceInputs(for: [spec(2, 1), spec(1, 3)]) == [])
    #expect(rule.inPlaceInputs(for: [spec(2, 3), spec(2, 3)]) == [0, 1])
  }

  @Test func unaryTakesFloats() {
    #expect(outcome(.unary(UnaryOperation(.relu)), spec(nil, 3)) == "float32(None, 3)")
    #expect(
      outcome(.unary(UnaryOperation(.relu)), spec(3, of: .uint8))
        == "relu takes floating-point numbers, found uint8(3,).")
  }

  @Test func batchNormalizationTakesOneNumberAChannel() {
    let operation = Operation.batchNormalization(BatchNormalizationOperation(epsilon: 1e-3))
    #expect(outcome(operation, spec(nil, 4), spec(4), spec(4), spec(4), spec(4)) == "float32(None, 4)")
    #expect(
      outcome(operation, spec(nil, 4), spec(4), spec(4), spec(3), spec(4))
        == "Expected one number a channel of float32(None, 4), found float32(3,).")
    #expect(outcome(operation, spec(nil, 4)) == "batchNormalization takes 5 inputs, found 1.")
  }

  @Test func softmaxTakesAnAxisThatIsThere() {
    #expect(outcome(.softmax(SoftmaxOperation(axis: 1)), spec(nil, 4)) == "float32(None, 4)")
    #expect(
      outcome(.softmax(SoftmaxOperation(axis: 2)), spec(nil, 4))
        == "softmax along axis 2 of float32(None, 4) is not defined.")
    #expect(
      outcome(.softmax(SoftmaxOperation(axis: 0)), spec(4, of: .int8))
        == "softmax along axis 0 of int8(4,) is not defined.")
  }

  @Test func castChangesTheTypeOnly() {
    #expect(outcome(.cast(CastOperation(to: .uint8)), spec(nil, 4)) == "uint8(None, 4)")
  }
}
